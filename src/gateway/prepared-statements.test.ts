import { expect, test } from 'vitest';
import { PreparedStatements } from './prepared-statements.js';

const one = { id: 1, statement: 4, text: Buffer.from('SELECT ?'), parameterCount: 1 };

test('knows only the ids that were given out', () => {
  const statements = new PreparedStatements(100);
  statements.add(one);
  expect(statements.get(1).statement).toBe(4);
  for (const id of [0, 2, 0xffffffff]) expect(() => statements.get(id)).toThrow('statement_unknown');
  statements.delete(1);
  expect(() => statements.get(1)).toThrow('statement_unknown');
});

test('joins values that came in pieces, and forgets them after their execution', () => {
  const statements = new PreparedStatements(100);
  statements.add(one);
  const prepared = statements.get(1);
  statements.addLongData(prepared, 0, Buffer.from('ab'));
  statements.addLongData(prepared, 0, Buffer.from('c'));
  expect(statements.joinLongData(prepared).get(0)?.toString()).toBe('abc');
  statements.forgetLongData(prepared);
  expect(statements.joinLongData(prepared).size).toBe(0);
});

test('refuses pieces over the limit and for parameters that do not exist', () => {
  const statements = new PreparedStatements(3);
  statements.add(one);
  const prepared = statements.get(1);
  expect(() => statements.addLongData(prepared, 1, Buffer.from('x'))).toThrow('packet_malformed');
  statements.addLongData(prepared, 0, Buffer.from('abc'));
  expect(() => statements.addLongData(prepared, 0, Buffer.from('d'))).toThrow('payload_too_large');
});
