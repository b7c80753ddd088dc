import { expect, test } from 'vitest';
import { dialectOf } from '../../sql/text/dialect.js';
import { PreparedStatements, typesSent } from './prepared-statements.js';

const OVERHEAD = 512;
const scene = {
  database: null,
  dialect: dialectOf({ flavour: 'mariadb', version: '10.11.6', sqlMode: '' }),
  inTransaction: false,
  locksReads: false,
  characterSet: 'utf8mb4',
  narrowedTo: null,
};
const bytes = Buffer.from('SELECT ?');
const read = { bytes, analysed: bytes, text: 'SELECT ?' };
const one = { id: 1, targetId: 1, statement: 4, read, parameterCount: 1, scene };

test('knows only the ids that were given out', () => {
  const statements = new PreparedStatements(100);
  statements.add(one);
  expect(statements.get(1).statement).toBe(4);
  for (const id of [0, 2, 0xffffffff]) expect(() => statements.get(id)).toThrow('statement_unknown');
  statements.delete(1);
  expect(() => statements.get(1)).toThrow('statement_unknown');
});

test('takes −1 for the one that was prepared last, unless it failed or is gone', () => {
  const statements = new PreparedStatements(100);
  const last = 0xffffffff;
  statements.add(one);
  statements.add({ ...one, id: 2, statement: 5 });
  expect(statements.get(last, true).statement).toBe(5);
  expect(() => statements.get(last)).toThrow('statement_unknown');
  statements.delete(2);
  expect(() => statements.get(last, true)).toThrow('statement_unknown');
  statements.add(one);
  statements.forgetLast();
  expect(() => statements.get(last, true)).toThrow('statement_unknown');
  expect(statements.get(1).statement).toBe(4);
});

test('joins values that came in pieces, and forgets them after their execution', () => {
  const statements = new PreparedStatements(OVERHEAD + 3);
  statements.add(one);
  const prepared = statements.get(1);
  statements.addLongData(prepared, 0, Buffer.from('ab'));
  statements.addLongData(prepared, 0, Buffer.from('c'));
  for (const _ of [1, 2]) expect(statements.joinLongData(prepared).get(0)?.toString()).toBe('abc');
  statements.forgetLongData(prepared);
  expect(statements.joinLongData(prepared).size).toBe(0);
  statements.addLongData(prepared, 0, Buffer.from('abc'));
});

test('refuses pieces over the limit and for parameters that do not exist', () => {
  const statements = new PreparedStatements(OVERHEAD + 8);
  statements.add(one);
  const prepared = statements.get(1);
  expect(() => statements.addLongData(prepared, 1, Buffer.from('x'))).toThrow('packet_malformed');
  statements.addLongData(prepared, 0, Buffer.from('abcdefgh'));
  expect(() => statements.addLongData(prepared, 0, Buffer.from('i'))).toThrow('payload_too_large');
});

test('bounds texts and pieces over all statements of the session, and gives back what is closed', () => {
  const statements = new PreparedStatements(OVERHEAD + 8);
  statements.add({ ...one, parameterCount: 2 });
  statements.add({ ...one, id: 2 });
  statements.addLongData(statements.get(1), 0, Buffer.alloc(0));
  expect(() => statements.addLongData(statements.get(1), 1, Buffer.alloc(0))).toThrow('payload_too_large');
  expect(() => statements.addLongData(statements.get(2), 0, Buffer.alloc(0))).toThrow('payload_too_large');
  expect(() => statements.requireRoom(OVERHEAD)).toThrow('payload_too_large');
  statements.delete(1);
  statements.requireRoom(OVERHEAD);
  statements.addLongData(statements.get(2), 0, Buffer.alloc(8));
  statements.clear();
  statements.requireRoom(OVERHEAD + 8);
});

test('keeps the types that the target has, and none where an execution that failed may have left it others', () => {
  const [number, text] = [[{ type: 3, unsigned: false }], [{ type: 253, unsigned: false }]];
  const statements = new PreparedStatements(100);
  statements.add(one);
  const prepared = statements.get(1);
  // Either it has these, or none, and then it refuses an execution without types itself.
  typesSent(prepared, number);
  expect(prepared.types).toEqual(number);
  typesSent(prepared, [{ type: 3, unsigned: false }]);
  expect(prepared.types).toEqual(number);
  for (const sent of [text, [{ type: 3, unsigned: true }], text]) {
    typesSent(prepared, sent);
    expect(prepared.types).toBeUndefined();
  }
  prepared.types = text; // it was answered well
  typesSent(prepared, text);
  expect(prepared.types).toEqual(text);
});
