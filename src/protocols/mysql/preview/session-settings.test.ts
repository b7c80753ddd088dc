import { describe, expect, test } from 'vitest';
import { PLAIN_SQL_MODE } from '../sql/text/dialect.js';
import { analyse } from '../sql/analyse.js';
import { sessionSettingsQuery, settingsOfRow, settingStatements, settingsWanted } from './session-settings.js';

const FLAVOURS = ['mariadb', 'mysql'] as const;

describe.each(FLAVOURS)('the settings of a session of %s', (flavour) => {
  const columns = sessionSettingsQuery(flavour).split('@@session.').length - 2;
  const row = [...Array.from({ length: columns }, (_, index) => String(index)), '0'];

  test('are set again as they were read, sql_mode last', () => {
    const settings = settingsOfRow(row, flavour) ?? [];
    const statements = settingStatements(settings, flavour);
    expect(statements).toHaveLength(columns);
    expect(statements[0]).toBe('SET SESSION `time_zone` = 0');
    expect(statements.at(-1)).toMatch(/^SET SESSION `sql_mode` = /);
  });

  test('are written as text where they are text', () => {
    const settings = settingsOfRow(["x'; DROP TABLE t; -- \\", ...row.slice(1)], flavour) ?? [];
    expect(settingStatements(settings, flavour)[0]).toBe("SET SESSION `time_zone` = 'x''; DROP TABLE t; -- \\\\'");
  });

  test('are not known where another session cannot have the same, or one is missing', () => {
    expect(settingsOfRow([...row.slice(0, -1), '1'], flavour)).toBeUndefined();
    expect(settingsOfRow([...row.slice(0, -1), null], flavour)).toBeUndefined();
    expect(settingsOfRow([null, ...row.slice(1)], flavour)).toBeUndefined();
    expect(settingsOfRow(row.slice(1), flavour)).toBeUndefined();
    expect(settingsOfRow(undefined, flavour)).toBeUndefined();
  });

  test.each([
    ['UPDATE t SET a = 1', true],
    ['DELETE FROM t WHERE b = NOW()', true],
    ['INSERT INTO t SELECT * FROM u', true],
    ['DELETE FROM t WHERE id = ROW_COUNT()', false],
    ['DELETE FROM t WHERE id = FOUND_ROWS()', false],
    ['DROP TABLE t', false],
    ['SELECT 1', false],
  ])('are asked for before %s: %s', (text, wanted) => {
    const { facts } = analyse(Buffer.from(text), { flavour, version: 101119, sqlMode: PLAIN_SQL_MODE }, 'shop');
    expect(settingsWanted(facts)).toBe(wanted);
  });
});
