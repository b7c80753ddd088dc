import { BrokerError } from '../../kernel/errors.js';
import { parseLine } from './entry-schema.js';
import { LINE_BYTES_MAX } from './limits.js';
import { unreadableEntry, type EntrySource } from '../verify/reader.js';

const NEWLINE = 0x0a;

/**
 * The bytes of entries.jsonl, given only when the first line says that they are this grant's: a recording that stands in
 * another's place must not be read as that one. A recording without a whole line has nothing to give yet.
 */
export function entriesOfGrant(grant: string, source: EntrySource): EntrySource {
  return async function* checked() {
    const first: Buffer[] = [];
    let firstBytes = 0;
    let isKnown = false;
    for await (const chunk of source()) {
      if (isKnown) {
        yield chunk;
        continue;
      }
      first.push(chunk);
      firstBytes += chunk.length;
      if (chunk.includes(NEWLINE)) {
        const begin = Buffer.concat(first);
        requireGrant(grant, begin.subarray(0, begin.indexOf(NEWLINE)));
        isKnown = true;
        yield begin;
      } else if (firstBytes > LINE_BYTES_MAX) {
        throw unreadableEntry(1);
      }
    }
  };
}

function requireGrant(grant: string, line: Buffer): void {
  const parsed = parseLine(line);
  if (!('entry' in parsed) || parsed.entry.type !== 'grant.opened') throw unreadableEntry(1);
  if (parsed.entry.grant !== grant) {
    throw new BrokerError('recording_mismatch', {
      detail: `It is the recording of grant ${parsed.entry.grant}, not of ${grant}.`,
    });
  }
}
