import { newId } from '../../domain/ids.js';
import type { PrincipalId } from '../../kernel/brand.js';
import { channelEntity, type ChannelRow } from '../entities/channels/channel.js';
import { atState } from '../state/at-state.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import type { StateAccess } from '../state/state-transaction.js';
import { againIfItGaveWay } from '../state/transaction.js';
import { updateRows } from '../state/update-rows.js';

/** A test that no worker has finished in this time is lost: another may be asked for. */
const TEST_MS_MAX = 120_000;
/** Characters of a failure that are kept. */
const FAILURE_MAX = 300;
/** More channels than there are. */
const CHANNELS_MAX = 100;

/** What a worker has to say of a channel. */
export interface ChannelReport {
  readonly name: string;
  readonly isOpen: boolean;
  readonly testable: boolean;
  /** It has sent something since the last report. */
  readonly hasSent: boolean;
  /** Why something was not sent since the last report; null: nothing went wrong. */
  readonly failure: string | null;
  /** Null: not known. */
  readonly waiting: number | null;
}

/** A test that a worker has taken. */
export interface TakenTest {
  readonly id: string;
  readonly channel: string;
  readonly by: PrincipalId;
}

/** A channel's row, and the database's time when it was read. */
export interface ChannelState {
  readonly row: ChannelRow;
  readonly nowMs: number;
}

/** How channels fare, and tests of them: workers write what they know, the api shows it. */
export class ChannelStateRepository {
  constructor(private readonly dataSource: StateAccess) {}

  /** By name. */
  async list(): Promise<readonly ChannelState[]> {
    const { entities, raw } = await atState(() =>
      this.dataSource
        .createQueryBuilder(channelEntity, 'channel')
        .addSelect(NOW_MS_SQL, 'nowMs')
        .orderBy('channel.name', 'ASC')
        .limit(CHANNELS_MAX)
        .getRawAndEntities<{ nowMs: unknown }>(),
    );
    return entities.map((row, index) => ({ row, nowMs: Number(raw[index]?.nowMs) }));
  }

  async find(name: string): Promise<ChannelState | undefined> {
    return (await this.list()).find(({ row }) => row.name === name);
  }

  /** Notes what a worker says. What it says nothing of stays as another worker has said it. */
  async report({ name, isOpen, testable, hasSent, failure, waiting }: ChannelReport): Promise<void> {
    await atState(() =>
      this.dataSource.query(
        `INSERT IGNORE INTO channels (name, seen_at, testable, waiting) VALUES (?, ${NOW_MS_SQL}, 0, 0)`,
        [name],
      ),
    );
    const now = (): string => NOW_MS_SQL;
    const update = {
      set: {
        seenAtMs: now,
        ...(isOpen ? { openAtMs: now, testable } : {}),
        ...(hasSent ? { sentAtMs: now } : {}),
        ...(failure === null ? {} : { failedAtMs: now, failure: failure.slice(0, FAILURE_MAX) }),
        ...(waiting === null ? {} : { waiting }),
      },
      where: 'name = :name',
      parameters: { name },
    };
    await againIfItGaveWay(() => updateRows(this.dataSource, channelEntity, update));
  }

  /** Asks the workers for a test; undefined when one is under way. */
  async askTest(name: string, by: { readonly id: PrincipalId; readonly name: string }): Promise<string | undefined> {
    const testId = newId();
    const asked = await updateRows(this.dataSource, channelEntity, {
      set: {
        testId,
        testBy: by.id,
        testByName: by.name,
        testAskedAtMs: () => NOW_MS_SQL,
        testTakenAtMs: null,
        testDoneAtMs: null,
        testFailure: null,
      },
      where: `name = :name AND (test_asked_at IS NULL OR test_done_at IS NOT NULL
        OR test_asked_at <= ${NOW_MS_SQL} - ${TEST_MS_MAX})`,
      parameters: { name },
    });
    return asked === 1 ? testId : undefined;
  }

  /** Takes the tests that were asked for of these channels: of several workers one takes each. */
  async takeTests(names: readonly string[]): Promise<readonly TakenTest[]> {
    const asked = (await this.list()).filter(({ row, nowMs }) => names.includes(row.name) && isAsked(row, nowMs));
    const taken: TakenTest[] = [];
    for (const { row } of asked) {
      const { name: channel, testId: id, testBy: by } = row;
      if (id !== null && by !== null && (await this.#take(channel, id))) taken.push({ id, channel, by });
    }
    return taken;
  }

  async #take(name: string, id: string): Promise<boolean> {
    const taken = await updateRows(this.dataSource, channelEntity, {
      set: { testTakenAtMs: () => NOW_MS_SQL },
      where: 'name = :name AND test_id = :id AND test_taken_at IS NULL',
      parameters: { name, id },
    });
    return taken === 1;
  }

  /** A test is over; `failure` says why nothing was sent. */
  async testDone({ id, channel: name }: TakenTest, failure: string | null): Promise<void> {
    await updateRows(this.dataSource, channelEntity, {
      set: { testDoneAtMs: () => NOW_MS_SQL, testFailure: failure?.slice(0, FAILURE_MAX) ?? null },
      where: 'name = :name AND test_id = :id',
      parameters: { name, id },
    });
  }
}

function isAsked({ testAskedAtMs, testTakenAtMs }: ChannelRow, nowMs: number): boolean {
  return testAskedAtMs !== null && testTakenAtMs === null && testAskedAtMs > nowMs - TEST_MS_MAX;
}
