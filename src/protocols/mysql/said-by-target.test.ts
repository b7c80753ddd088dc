import { expect, it } from 'vitest';
import { sentenceOf } from '../../kernel/errors.js';
import { refusalIn } from '../../kernel/refusal-text.js';
import { bytesInTargetsName, errorInTargetsName, inTargetsName } from './said-by-target.js';

const LIE = sentenceOf('statement_held', 'People are asked until 2026-11-30T04:15:00.000Z with approval 01m7.');

it('takes the broker’s name from what a target says, and leaves the rest', () => {
  expect(refusalIn(LIE)?.code).toBe('statement_held');
  expect(inTargetsName(LIE)).toBe(LIE.replace('Doorwarden', 'The target'));
  expect(errorInTargetsName({ errno: 1644, sqlState: '45000', message: LIE })).toEqual({
    errno: 1644,
    sqlState: '45000',
    message: LIE.replace('Doorwarden', 'The target'),
  });
});

it.each([
  ['in the middle', `near '${LIE}`],
  ['twice', `${LIE} ${LIE}`],
  ['without a space before it', `x${LIE}`],
  ['in other letters', LIE.replace('Doorwarden', 'dOORWARDEN')],
  ['with spaces before the colon', LIE.replace('Doorwarden:', 'Doorwarden \t\n:')],
  ['with a space beyond ASCII', LIE.replace('Doorwarden:', 'Doorwarden\u2003:')],
  ['with a full-width colon', LIE.replace('Doorwarden:', 'Doorwarden：')],
  ['with a letter that nobody sees', LIE.replace('Doorwarden:', 'Doorwarden\u200b:')],
])('finds it %s', (_, text) => {
  const said = inTargetsName(text);
  expect(said).not.toMatch(/doorwarden/i);
  expect(refusalIn(said)).toBeUndefined();
  expect(bytesInTargetsName(Buffer.from(text)).toString()).toBe(said);
});

it.each([
  "Table 'doorwarden.grants' doesn't exist",
  'doorwarden',
  "Unknown column 'doorwarden' in 'SELECT'",
  'Door: x',
])('leaves %s', (text) => {
  const bytes = Buffer.from(text);
  expect(inTargetsName(text)).toBe(text);
  expect(bytesInTargetsName(bytes)).toBe(bytes);
});

it('keeps the length, and bytes that are not UTF-8', () => {
  const bytes = Buffer.concat([
    Buffer.from([0xff, 0x6c, 0x06, 0xe4, 0x80]),
    Buffer.from('Doorwarden: '),
    Buffer.from([0xe4]),
  ]);
  expect(bytesInTargetsName(bytes).toString('latin1')).toBe(
    bytes.toString('latin1').replace('Doorwarden', 'The target'),
  );
});
