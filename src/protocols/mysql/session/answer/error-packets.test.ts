import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES, ERROR_TABLE } from '../../../../kernel/errors/error-table.js';
import { refusalIn } from '../../../../kernel/refusal-text.js';
import { decodeErr, encodeErr, ERROR_MESSAGE_BYTES_MAX } from '../../wire/packets.js';
import { errorOf } from './error-packets.js';

const REASON_CHARACTERS_MAX = 1_000;

/** What a client reads of an error. */
function received(...[code, detail]: Parameters<typeof errorOf>): string {
  return decodeErr(encodeErr(errorOf(code, detail))).message;
}

describe('a refusal on the wire', () => {
  it.each(ERROR_CODES)('%s keeps its code and what to do, however long its detail is', (code) => {
    const next = ` ${ERROR_TABLE[code].next} (${code})`;
    const detail = fc.string({ unit: fc.constantFrom('a', 'é', '–', '😀', ' '), maxLength: REASON_CHARACTERS_MAX });
    fc.assert(
      fc.property(detail, (text) => {
        const message = received(code, text);
        expect(refusalIn(message)).toEqual({ code, message });
        expect(message.endsWith(next)).toBe(true);
        expect(message).not.toContain('\ufffd');
      }),
      { numRuns: 20 },
    );
  });

  it('has as much of a reason as there is room for, and says where it ends', () => {
    const message = received('statement_denied_by_approver', `Approval 1: ${'reason '.repeat(140)}`);
    expect(Buffer.byteLength(message)).toBe(ERROR_MESSAGE_BYTES_MAX);
    expect(message).toMatch(/Approval 1: (reason )+.*… /);
  });
});
