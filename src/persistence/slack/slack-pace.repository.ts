import type { DataSource } from 'typeorm';
import { atState } from '../state/at-state.js';
import { slackPaceEntity, type SlackPaceRow } from '../entities/channels/slack-message.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import { againIfItGaveWay } from '../state/transaction.js';
import { updateRows } from '../state/update-rows.js';

/** While Slack does not answer it is tried at these times; people wait for some of what is asked. */
const AWAY_MS_MIN = 2_000;
const AWAY_MS_MAX = 60_000;
const DOUBLINGS_MAX = 5;

/** How fast Slack may be called for one thing, by all workers together. */
export class SlackPaceRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Takes the turn to call, once in so many milliseconds. @returns whether it is one's turn */
  async take(name: string, gapMs: number): Promise<boolean> {
    await againIfItGaveWay(() =>
      this.dataSource.query('INSERT IGNORE INTO slack_paces (name, free_at, failures) VALUES (?, 0, 0)', [name]),
    );
    const taken = await updateRows(this.dataSource, slackPaceEntity, {
      set: { freeAtMs: () => `${NOW_MS_SQL} + ${Math.round(gapMs)}` },
      where: `name = :name AND free_at <= ${NOW_MS_SQL}`,
      parameters: { name },
    });
    return taken === 1;
  }

  /** Nobody calls for so long: Slack has said so. */
  async pause(name: string, ms: number): Promise<void> {
    await this.#set(name, { freeAtMs: () => `GREATEST(free_at, ${NOW_MS_SQL} + ${Math.round(ms)})` });
  }

  /** Slack did not answer, or not as it should: all wait for longer each time, up to a minute. */
  async failed(name: string): Promise<void> {
    const wait = `LEAST(${AWAY_MS_MAX}, ${AWAY_MS_MIN} * POW(2, LEAST(failures, ${DOUBLINGS_MAX})))`;
    // The server assigns from left to right.
    await this.#set(name, { freeAtMs: () => `${NOW_MS_SQL} + ${wait}`, failures: () => 'failures + 1' });
  }

  async answered(name: string): Promise<void> {
    await atState(() =>
      this.dataSource.query('UPDATE slack_paces SET failures = 0 WHERE name = ? AND failures > 0', [name]),
    );
  }

  async #set(name: string, set: Parameters<typeof updateRows<SlackPaceRow>>[2]['set']): Promise<void> {
    await updateRows(this.dataSource, slackPaceEntity, { set, where: 'name = :name', parameters: { name } });
  }
}
