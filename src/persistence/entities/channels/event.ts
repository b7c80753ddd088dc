import { EntitySchema } from 'typeorm';
import type { EventType } from '../../../domain/event.js';
import { largeJsonColumn, msColumn, ulidColumn, word } from '../../state/columns.js';

/** Something that happened, as programs outside are told of it. */
export interface EventRow {
  readonly id: string;
  readonly type: EventType;
  /** When it happened, on the state database's clock. */
  readonly atMs: number;
  /** What the payload says of it: no statement, no row, no secret. */
  readonly data: object;
  /** When every webhook that wants it had a delivery of it; null: not yet. */
  readonly routedAtMs: number | null;
}

/** TypeORM's description of the table `events`. */
export const eventEntity = new EntitySchema<EventRow>({
  name: 'Event',
  tableName: 'events',
  columns: {
    id: { ...ulidColumn, primary: true },
    type: word(64),
    atMs: { ...msColumn, name: 'at' },
    data: largeJsonColumn,
    routedAtMs: { ...msColumn, name: 'routed_at', nullable: true },
  },
  indices: [{ name: 'events_routed', columns: ['routedAtMs', 'id'] }],
});
