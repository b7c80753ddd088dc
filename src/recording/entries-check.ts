import { createHash } from 'node:crypto';
import type { GrantClosed, GrantOpened } from './entries.js';
import { LINE_BYTES_MAX } from './limits.js';
import { LineCheck, type SealedEnd } from './line-check.js';
import { LineSplitter } from './lines.js';
import { entryProblem, type Problem } from './problem.js';
import { ResponseCheck, type RawSegment } from './response-check.js';
import type { OpenSegment } from './segment-cursor.js';

export interface EntriesCheckOptions {
  /** The bytes of entries.jsonl. */
  readonly entries: AsyncIterable<Buffer>;
  readonly openSegment: OpenSegment;
  readonly segmentCount: number;
  /** What the seal says; absent for a live recording. */
  readonly sealed?: SealedEnd;
  /** Compares a segment that was read to its end with what the seal says. */
  readonly expectSegment?: (segment: RawSegment) => Problem | undefined;
  readonly onBytes?: (bytes: number) => void;
}

/** What the lines and segments of a whole recording add up to. */
export interface RecordingFacts {
  readonly opened: GrantOpened;
  readonly closed: GrantClosed;
  readonly entries: {
    readonly count: number;
    readonly bytes: number;
    readonly sha256: string;
    readonly firstAt: string;
    readonly lastAt: string;
    readonly lastHash: string;
    readonly merkleRoot: string;
  };
  readonly segments: readonly RawSegment[];
  readonly statements: number;
  readonly sessions: number;
}

export type EntriesCheck = { readonly facts: RecordingFacts } | { readonly problem: Problem };

/** Checks every line and every response of a recording in one pass; memory: one line and one chunk of a segment. */
export async function checkEntries(options: EntriesCheckOptions): Promise<EntriesCheck> {
  const lines = new LineCheck(options.sealed);
  const responses = new ResponseCheck(options.openSegment, options.segmentCount, options.expectSegment);
  try {
    return await followEntries(options, lines, responses);
  } finally {
    await responses.close();
  }
}

async function followEntries(
  options: EntriesCheckOptions,
  lines: LineCheck,
  responses: ResponseCheck,
): Promise<EntriesCheck> {
  const splitter = new LineSplitter(LINE_BYTES_MAX);
  const digest = createHash('sha256');
  const onLine = (line: Buffer): boolean => lines.accept(line);
  for await (const chunk of options.entries) {
    digest.update(chunk);
    const whole = splitter.push(chunk, onLine);
    if (lines.problem !== undefined) return { problem: lines.problem };
    if (!whole) return { problem: entryProblem(lines.count + 1, 'Its line is longer than the format allows.') };
    const problem = await responses.check(lines.drainResponses());
    if (problem !== undefined) return { problem };
    options.onBytes?.(chunk.length);
  }
  if (splitter.restBytes > 0) return { problem: entryProblem(lines.count + 1, 'Its line has no end.') };
  const problem = lines.end() ?? (await responses.end());
  if (problem !== undefined) return { problem };
  const { opened, closed, firstAt, lastAt, statements, sessions } = lines.order;
  if (opened === undefined || closed === undefined) {
    return { problem: entryProblem(1, 'The recording has no beginning or no end.') };
  }
  return {
    facts: {
      opened,
      closed,
      entries: {
        count: lines.count,
        bytes: lines.bytes,
        sha256: digest.digest('hex'),
        firstAt,
        lastAt,
        lastHash: lines.lastHash,
        merkleRoot: lines.merkleRoot(),
      },
      segments: responses.segments,
      statements,
      sessions,
    },
  };
}
