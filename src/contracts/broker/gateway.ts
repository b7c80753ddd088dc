import { z } from 'zod';
import { idSchema } from '../page.js';

export const GATEWAY_STATES = ['running', 'draining', 'lost'] as const;

const NAME_CHARACTERS_MAX = 300;
const time = z.iso.datetime();

export const gatewayParams = z.strictObject({ name: z.string().min(1).max(NAME_CHARACTERS_MAX) });
export type GatewayParams = z.infer<typeof gatewayParams>;

export const gatewayView = z
  .object({
    id: idSchema.meta({ description: 'Of this run of the process.' }),
    name: z.string(),
    state: z.enum(GATEWAY_STATES).meta({
      description:
        '`running`: it takes new grants. `draining`: it takes none and keeps those that are open. `lost`: it is not alive, and the worker ends what it left.',
    }),
    grants: z.int().meta({ description: 'Its grants that have not ended.' }),
    startedAt: time,
    drain: z
      .object({
        askedAt: time.nullable(),
        askedBy: z.string().nullable().meta({ description: 'Null when the process itself was told to stop.' }),
        until: time
          .nullable()
          .meta({ description: 'What is open then is ended; null until the gateway has begun to drain.' }),
      })
      .nullable(),
  })
  .meta({ id: 'Gateway' });
export type GatewayView = z.infer<typeof gatewayView>;

export const gatewayList = z.object({ items: z.array(gatewayView) }).meta({ id: 'GatewayList' });
export type GatewayList = z.infer<typeof gatewayList>;
