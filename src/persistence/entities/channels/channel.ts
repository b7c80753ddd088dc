import { EntitySchema } from 'typeorm';
import type { PrincipalId } from '../../../kernel/brand.js';
import { msColumn, ulidColumn, word } from '../../state/columns.js';

/** How a channel fares, as the workers say. Its times are the state database's own clock. */
export interface ChannelRow {
  readonly name: string;
  /** When a worker that knows the channel said something of it last. */
  readonly seenAtMs: number;
  /** When a worker that has it open did; null: none ever had. */
  readonly openAtMs: number | null;
  /** Whether it can send a test. */
  readonly testable: boolean;
  readonly sentAtMs: number | null;
  readonly failedAtMs: number | null;
  /** Why, in a sentence without a secret. */
  readonly failure: string | null;
  /** How much it has to send. */
  readonly waiting: number;
  /** Of the last test that somebody asked for. */
  readonly testId: string | null;
  readonly testBy: PrincipalId | null;
  readonly testByName: string | null;
  readonly testAskedAtMs: number | null;
  /** When a worker took it. */
  readonly testTakenAtMs: number | null;
  readonly testDoneAtMs: number | null;
  /** Why it was not sent; null: it was, or is not yet. */
  readonly testFailure: string | null;
}

/** TypeORM's description of the table `channels`. */
export const channelEntity = new EntitySchema<ChannelRow>({
  name: 'Channel',
  tableName: 'channels',
  columns: {
    name: { ...word(32), primary: true },
    seenAtMs: { ...msColumn, name: 'seen_at' },
    openAtMs: { ...msColumn, name: 'open_at', nullable: true },
    testable: { type: 'boolean' },
    sentAtMs: { ...msColumn, name: 'sent_at', nullable: true },
    failedAtMs: { ...msColumn, name: 'failed_at', nullable: true },
    failure: { ...word(300), nullable: true },
    waiting: { type: 'int' },
    testId: { ...ulidColumn, name: 'test_id', nullable: true },
    testBy: { ...ulidColumn, name: 'test_by', nullable: true },
    testByName: { ...word(128), name: 'test_by_name', nullable: true },
    testAskedAtMs: { ...msColumn, name: 'test_asked_at', nullable: true },
    testTakenAtMs: { ...msColumn, name: 'test_taken_at', nullable: true },
    testDoneAtMs: { ...msColumn, name: 'test_done_at', nullable: true },
    testFailure: { ...word(300), name: 'test_failure', nullable: true },
  },
});
