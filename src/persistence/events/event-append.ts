import type { EntityManager } from 'typeorm';
import type { EventType } from '../../domain/event.js';
import { newId } from '../../domain/ids.js';
import { eventEntity } from '../entities/channels/event.js';
import { NOW_MS_SQL } from '../state/state-clock.js';

/** A column holds 16 MiB; what an event says is facts of bounded length, far below this. */
const DATA_CHARACTERS_MAX = 200_000;

/** What an event says: no statement, no row and no secret is in it. */
export interface NewEvent {
  readonly type: EventType;
  readonly data: object;
}

/**
 * Writes events in the transaction in which they happen: both are there, or neither. Programs outside are told of them by the
 * worker, later; nobody waits for them.
 */
export async function appendEvents(manager: EntityManager, events: readonly NewEvent[]): Promise<void> {
  const values = events.map(({ type, data }) => ({
    id: newId(),
    type,
    atMs: () => NOW_MS_SQL,
    data: JSON.stringify(data).length > DATA_CHARACTERS_MAX ? { omitted: 'too_large' } : data,
    routedAtMs: null,
  }));
  if (values.length === 0) return;
  await manager.createQueryBuilder().insert().into(eventEntity).values(values).updateEntity(false).execute();
}

/** As the payloads have times: RFC 3339 in UTC. */
export function eventTime(ms: number): string {
  return new Date(ms).toISOString();
}

export function eventTimeOrNull(ms: number | null): string | null {
  return ms === null ? null : eventTime(ms);
}
