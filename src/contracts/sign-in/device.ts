import { z } from 'zod';
import { userCodeIn } from '../../domain/user-code.js';

const CLIENT = /^[a-z][a-z0-9-]{0,31}\/[0-9][0-9A-Za-z.+-]{0,31}$/;
/** No sentence fits in here: people read it while they decide. */
const MACHINE = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/;

/** What a program says of itself when it asks to be let in. Nobody has checked it. */
export const deviceNames = z.strictObject({
  client: z.string().regex(CLIENT).nullable().default(null).meta({ description: 'Such as `doorwarden/1.2.0`.' }),
  machine: z.string().regex(MACHINE).nullable().default(null).meta({ description: 'Such as `ana@laptop`.' }),
});
export type DeviceNames = Readonly<z.infer<typeof deviceNames>>;

/** What `POST /auth/device` answers; the secret of it, `deviceCode`, is the program's alone. */
export const deviceOpening = z.object({
  deviceCode: z.string(),
  userCode: z.string(),
  /** The page on which a person types the user code. */
  verificationUri: z.url({ protocol: /^https?$/ }),
  expiresInSeconds: z.int(),
  /** How long the program waits before each time that it asks for the token. */
  intervalSeconds: z.int(),
});
export type DeviceOpening = z.infer<typeof deviceOpening>;

export const deviceTokenRequest = z.strictObject({ deviceCode: z.string().regex(/^[\w-]{43}$/) });
export type DeviceTokenRequest = z.infer<typeof deviceTokenRequest>;

/** What `POST /auth/device/token` answers once somebody has allowed it. */
export const deviceToken = z.object({
  /** The secret of a session, for `Authorization: Bearer`. */
  token: z.string(),
  principal: z.string(),
  /** When the session ends at the latest. */
  endsAt: z.iso.datetime(),
});
export type DeviceToken = z.infer<typeof deviceToken>;

export const deviceParams = z.strictObject({
  code: z.string().transform((typed, context) => {
    const code = userCodeIn(typed);
    if (code !== undefined) return code;
    context.addIssue({ code: 'custom', message: 'must be the eight letters that the command line shows' });
    return z.NEVER;
  }),
});
export type DeviceParams = z.infer<typeof deviceParams>;

export const deviceView = z
  .object({
    code: z.string(),
    client: z.string().nullable().meta({ description: 'What asks, as it says itself.' }),
    machine: z.string().nullable().meta({ description: 'Where it runs, as it says itself.' }),
    address: z.string().meta({ description: 'From where it asked.' }),
    isSameAddress: z.boolean().meta({ description: 'Whether this call comes from that address.' }),
    askedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    endsAt: z.iso.datetime().meta({ description: 'When its session would end at the latest.' }),
  })
  .meta({ id: 'Device' });
export type DeviceView = z.infer<typeof deviceView>;

export const deviceDecision = z.strictObject({ decision: z.enum(['allow', 'refuse']) });
export type DeviceDecision = z.infer<typeof deviceDecision>;
