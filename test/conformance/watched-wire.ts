import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TripwireProxy, startTripwireProxy } from '../support/tripwire-proxy.js';

/** An operation of which a client was told to send it. */
interface Expected {
  readonly grant: string;
  readonly mark: string;
  /** How it looks on its way to the target. */
  readonly bytes: string;
}

/** What went to the target, and whether it had a right to. */
export interface Passed {
  readonly mark: string;
  /** Its entry was in the recording when it came by. */
  readonly wasRecorded: boolean;
}

/** The wire between gateways and a target, watched: nothing reaches the target but through it. */
export interface WatchedWire {
  readonly proxy: TripwireProxy;
  /** To be told before a client sends an operation. */
  expect(operation: Expected): void;
  /** The operations that came by, in their order, as often as they did. */
  readonly passed: readonly Passed[];
  /** How often the operation with this mark came by. */
  count(mark: string): number;
}

/** The recording is looked at while the bytes still stand before the target: it is a file that anyone may read. */
export async function watchWire(
  to: { readonly host: string; readonly port: number },
  recordingsFolder: string,
): Promise<WatchedWire> {
  const expected: Expected[] = [];
  const passed: Passed[] = [];
  const proxy = await startTripwireProxy(to, (chunk) => {
    for (const { grant, mark, bytes } of expected) {
      for (let at = chunk.indexOf(bytes); at >= 0; at = chunk.indexOf(bytes, at + 1)) {
        const recording = readFileSync(join(recordingsFolder, grant, 'entries.jsonl'), 'utf8');
        passed.push({ mark, wasRecorded: recording.includes(mark) });
      }
    }
  });
  return {
    proxy,
    expect: (operation) => void expected.push(operation),
    passed,
    count: (mark) => passed.filter((one) => one.mark === mark).length,
  };
}
