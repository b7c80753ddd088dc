import { describe, expect, it } from 'vitest';
import { analyse } from '../analyse.js';
import { parseSqlMode } from '../text/dialect.js';
import { isolationChange } from './isolation.js';

const changeOf = (text: string, flavour: 'mysql' | 'mariadb' = 'mysql') => {
  const dialect = { flavour, version: flavour === 'mysql' ? 90_704 : 101_119, sqlMode: parseSqlMode('') };
  return isolationChange(text, analyse(Buffer.from(text), dialect, 'shop').facts);
};

describe('the isolation level', () => {
  it.each([
    'SELECT 1',
    'SELECT @@transaction_isolation',
    "SELECT 'isolation' FROM t",
    'SET @a = 1',
    'UPDATE t SET isolation = 1',
    'BEGIN',
    'SET TRANSACTION ISOLATION LEVEL READ COMMITTED',
  ])('is left alone by %s', (text) => {
    expect(changeOf(text)).toBe('none');
  });

  it.each([
    'set session transaction isolation level repeatable read;',
    'SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED, READ ONLY',
    "SET SESSION tx_isolation = 'READ-COMMITTED'",
    "SET @@transaction_isolation := 'REPEATABLE-READ'",
  ])('is another one of the session, and known, behind %s', (text) => {
    expect(changeOf(text)).toBe('session');
  });

  it.each([
    'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE',
    'SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE',
    'SET TRANSACTION READ ONLY, ISOLATION LEVEL SERIALIZABLE',
    'SET TRANSACTION /* */ ISOLATION LEVEL SERIALIZABLE',
    '/*!50000 SET TRANSACTION ISOLATION LEVEL SERIALIZABLE */',
    'SET @@tx_isolation = 3',
    'SET transaction_isolation = @level',
    'SET NAMES utf8mb4, transaction_isolation = DEFAULT',
    "SET SESSION transaction_isolation = CONCAT('SERIAL', 'IZABLE')",
    "SET SESSION transaction_isolation = 'READ-COMMITTED', @@transaction_isolation = 3",
    'SET @@`transaction_isolatión` = 3',
    "EXECUTE IMMEDIATE 'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE'",
  ])('may lock what the next transaction reads behind %s', (text) => {
    expect(changeOf(text)).toBe('next');
  });
});
