import { z } from 'zod';
import { BrokerError } from '../../kernel/errors.js';
import type { EntryFields } from '../entries/entries.js';
import { count } from '../entries/fields.js';
import type { LineFields } from './lines.js';

const traces = z.strictObject({ threadsKilled: count, xaRolledBack: z.array(z.string()) });
const NO_TRACES = { threadsKilled: 0, xaRolledBack: [] };

/**
 * The end of a recording that a gateway of an earlier version began and did not end, as format 1 has it: the lines of a
 * recording are all of one format.
 * @throws BrokerError `recording_unavailable` for any other entry: who goes on with a recording only ends it
 */
export function closingLine(fields: EntryFields): LineFields {
  switch (fields.type) {
    case 'session.closed':
    case 'grant.closing':
      return fields;
    case 'grant.closed': {
      const { type, reason, interrupted, account, body } = fields;
      const { threadsKilled, xaRolledBack } = traces.parse(body ?? NO_TRACES);
      return { type, reason, interrupted, account: { ...account, threadsKilled, xaRolledBack } };
    }
    default:
      throw new BrokerError('recording_unavailable', {
        detail: `A recording of format 1 is only ended: it takes no entry ${fields.type}.`,
      });
  }
}
