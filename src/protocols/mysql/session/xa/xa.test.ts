import { expect, test } from 'vitest';
import { xaIdsIn } from './xa.js';

const hex = (text: string) => Buffer.from(text).toString('hex');

test('finds the ids of XA statements in every form of literal', () => {
  expect(xaIdsIn("XA START 'tx1'")).toEqual([`X'${hex('tx1')}',X'',1`]);
  expect(xaIdsIn("xa prepare 'tx1', 'branch', 7")).toEqual([`X'${hex('tx1')}',X'${hex('branch')}',7`]);
  expect(xaIdsIn("XA BEGIN X'7478',0x62")).toEqual([`X'7478',X'62',1`]);
  expect(xaIdsIn('XA END "it\'\'s"')).toEqual([`X'${hex("it''s")}',X'',1`]);
  expect(xaIdsIn(String.raw`XA END 'it\'s'`)).toEqual([`X'${hex("it's")}',X'',1`]);
});

test('finds them behind comments and inside dynamic statements', () => {
  expect(xaIdsIn("XA/**/START/* x */'a'")).toEqual([`X'61',X'',1`]);
  expect(xaIdsIn(`EXECUTE IMMEDIATE "XA PREPARE 'a'"`)).toEqual([`X'61',X'',1`]);
});

test('finds them in and around executable comments, whether they are run or skipped', () => {
  expect(xaIdsIn("/*!50000 XA START 'a' */")).toEqual([`X'61',X'',1`]);
  expect(xaIdsIn("XA /*!START*/ /*M!100000 'a', */ 'b'")).toEqual([`X'61',X'62',1`]);
  expect(xaIdsIn("XA /*!999999 END */ PREPARE 'a'")).toEqual([`X'61',X'',1`]);
});

test('finds nothing where nothing is named', () => {
  expect(xaIdsIn('SELECT xa FROM t')).toEqual([]);
  expect(xaIdsIn('XA RECOVER')).toEqual([]);
});

test('stays quick on texts that are made to be slow', () => {
  const text = `${'XA/*'.repeat(20_000)}${'XA '.repeat(20_000)}${`XA START '${"'".repeat(500)}x`.repeat(1_000)}`;
  expect(xaIdsIn(text).length).toBeLessThan(10);
}, 10_000);
