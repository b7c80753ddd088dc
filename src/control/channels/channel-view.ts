import type { ChannelView } from '../../contracts/channels/channel.js';
import { shownLine } from '../../domain/visible-text.js';
import type { ChannelState } from '../../persistence/channels/channel-state.repository.js';
import type { ChannelRow } from '../../persistence/entities/channels/channel.js';
import { timeOf, timeOrNull } from '../http/time.js';
import { REPORT_MS_MAX } from './channel-reports.js';

/** A channel as operators see it. */
export function channelViewOf(state: ChannelState): ChannelView {
  const { row } = state;
  return {
    name: row.name,
    configured: isConfigured(state),
    testable: isTestable(state),
    health: healthOf(row),
    lastSentAt: timeOrNull(row.sentAtMs),
    lastFailedAt: timeOrNull(row.failedAtMs),
    lastFailure: row.failure === null ? null : shownLine(row.failure),
    waiting: row.waiting,
    test: testViewOf(row),
  };
}

/** Null: no worker that is alive says anything of it. */
export function isConfigured({ row: { openAtMs, seenAtMs }, nowMs }: ChannelState): boolean | null {
  if (openAtMs !== null && nowMs - openAtMs <= REPORT_MS_MAX) return true;
  return nowMs - seenAtMs <= REPORT_MS_MAX ? false : null;
}

export function isTestable(state: ChannelState): boolean {
  return state.row.testable && isConfigured(state) === true;
}

function healthOf({ sentAtMs, failedAtMs }: ChannelRow): ChannelView['health'] {
  if (failedAtMs !== null && failedAtMs >= (sentAtMs ?? 0)) return 'failing';
  return sentAtMs === null ? 'quiet' : 'good';
}

function testViewOf({ testAskedAtMs, testByName, testDoneAtMs, testFailure }: ChannelRow): ChannelView['test'] {
  if (testAskedAtMs === null || testByName === null) return null;
  return {
    askedAt: timeOf(testAskedAtMs),
    askedBy: testByName,
    doneAt: timeOrNull(testDoneAtMs),
    failure: testFailure === null ? null : shownLine(testFailure),
  };
}
