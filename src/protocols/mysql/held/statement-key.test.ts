import { describe, expect, it } from 'vitest';
import { PLAIN_SQL_MODE, type SqlDialect } from '../sql/text/dialect.js';
import { analyse } from '../sql/analyse.js';
import { dialectOf } from '../sql/text/dialect.js';
import type { RecordedBulkValue } from '../../sql/bound-values.js';
import { BulkRows } from '../session/prepared/bulk-rows.js';
import type { JudgedStatement, Judgement } from '../judge/judgement.js';
import { type KeyedStatement, shapeKeyOf, statementKeyOf } from './statement-key.js';

const dialect = dialectOf({ flavour: 'mariadb', version: '10.11.6', sqlMode: PLAIN_SQL_MODE });

function judged(text: string, changed: Partial<JudgedStatement> = {}, spoken: SqlDialect = dialect): JudgedStatement {
  const scene = {
    database: 'shop',
    dialect: spoken,
    inTransaction: false,
    locksReads: false,
    characterSet: 'utf8mb4',
    narrowedTo: null,
  };
  const bytes = Buffer.from(text);
  return { command: 'COM_QUERY', bytes, analysed: bytes, text, values: undefined, scene, ...changed };
}

function judgement(text: string, changed: Partial<NonNullable<Judgement['hold']>> = {}): Judgement {
  const { facts, fingerprint } = analyse(Buffer.from(text), dialect, 'shop');
  return {
    verdict: 'hold',
    policies: ['default#writes'],
    why: 'It changes rows.',
    hold: {
      approvers: [],
      quorum: 1,
      decideIn: 'anywhere',
      reauthenticateSeconds: null,
      slackChannels: [],
      holdSeconds: 600,
      inTransaction: 'hold',
      transactionHoldSeconds: 30,
      warning: null,
      ...changed,
    },
    fingerprint,
    facts,
    missing: [],
    outside: [],
    effect: undefined,
    policyVersion: 'v1',
    refusal: 'statement_denied',
  };
}

const SETTINGS = ['+00:00', 'utf8mb4_general_ci'];

const held = (...statement: Parameters<typeof judged>): KeyedStatement => ({
  session: 1,
  statement: 7,
  judged: judged(...statement),
  settings: SETTINGS,
  commitsByItself: true,
});

const ansi = { ...dialect, sqlMode: { ...PLAIN_SQL_MODE, ansiQuotes: true } };

const ONE = 'UPDATE orders SET total = 0 WHERE id = 1';
const TWO = 'UPDATE orders SET total = 0 WHERE id = 2';

describe('a held statement is', () => {
  it('the same with the same bytes, values, database and state, whenever the policy asks the same people', () => {
    const asked = statementKeyOf(held(ONE), judgement(ONE));
    expect(statementKeyOf(held(ONE), judgement(ONE, { holdSeconds: 30, warning: 'Look twice.' }))).toBe(asked);
    const otherZone = ['+05:00', ...SETTINGS.slice(1)];
    const others = [
      statementKeyOf({ ...held(ONE), settings: otherZone }, judgement(ONE)),
      statementKeyOf(held(TWO), judgement(TWO)),
      statementKeyOf(held(ONE, { values: [{ type: 'LONG', value: 1 }] }), judgement(ONE)),
      statementKeyOf(held(ONE, { values: [{ type: 'LONG', value: 2 }] }), judgement(ONE)),
      statementKeyOf(held(ONE, { values: [{ type: 'VAR_STRING', value: '2' }] }), judgement(ONE)),
      statementKeyOf(held(ONE, {}, ansi), judgement(ONE)),
    ];
    expect(new Set([asked, ...others]).size).toBe(others.length + 1);
  });

  it.each([{ quorum: 2 }, { approvers: ['security'] }, { decideIn: 'web' }, { reauthenticateSeconds: 900 }] as const)(
    'another once the policy wants other people, or knows them in another way: %o',
    (terms) => {
      expect(statementKeyOf(held(ONE), judgement(ONE, terms))).not.toBe(statementKeyOf(held(ONE), judgement(ONE)));
      expect(shapeKeyOf(held(ONE), judgement(ONE, terms))).not.toBe(shapeKeyOf(held(ONE), judgement(ONE)));
    },
  );

  it.each([
    'UPDATE orders SET total = 0 WHERE id < @most',
    'UPDATE orders SET total = @@sql_select_limit WHERE id = 1',
    'DELETE FROM orders WHERE id <= LAST_INSERT_ID()',
    'UPDATE orders SET total = shop.rate(1) WHERE id = 1',
    'CALL shop.close_day()',
    'EXECUTE prepared_before',
    'DELETE FROM orders WHERE id < @most /*!50000 AND 1 */',
  ])('another one each time when its session alone knows what it means: %s', (text) => {
    const first = held(text);
    const keys = [first, { ...first, statement: 8 }, { ...first, session: 2 }].map((one) =>
      statementKeyOf(one, judgement(text)),
    );
    expect(new Set(keys).size).toBe(3);
    expect(shapeKeyOf(first, judgement(text))).toBeNull();
  });

  it('another one each time when its session is set as no other one can be', () => {
    const first = { ...held(ONE), settings: undefined };
    expect(statementKeyOf({ ...first, session: 2 }, judgement(ONE))).not.toBe(statementKeyOf(first, judgement(ONE)));
    expect(shapeKeyOf(first, judgement(ONE))).toBeNull();
  });

  it('the same wherever it is sent again', () => {
    const again = { ...held(ONE), session: 3, statement: 40 };
    expect(statementKeyOf(again, judgement(ONE))).toBe(statementKeyOf(held(ONE), judgement(ONE)));
  });

  it('another one inside of a transaction', () => {
    const inside = { ...held(ONE), commitsByItself: false };
    expect(statementKeyOf(inside, judgement(ONE))).not.toBe(statementKeyOf(held(ONE), judgement(ONE)));
    expect(shapeKeyOf(inside, judgement(ONE))).not.toBe(shapeKeyOf(held(ONE), judgement(ONE)));
  });

  it('of another shape with bound values of another type', () => {
    const text = 'DELETE FROM orders WHERE note = ?';
    const shapeWith = (type: string, value: string | number | null): string | null =>
      shapeKeyOf(held(text, { values: [{ type: `MYSQL_TYPE_${type}`, value }] }), judgement(text));
    const asked = shapeWith('VAR_STRING', 'Ada');
    expect(shapeWith('STRING', 'Bob')).toBe(asked);
    const others = [shapeWith('LONGLONG', 0), shapeWith('BLOB', 'Ada'), shapeWith('DATE', '2026-01-01')];
    expect(new Set([asked, ...others, shapeWith('VAR_STRING', null)]).size).toBe(5);
    expect(shapeWith('DOUBLE', 0.5)).toBe(shapeWith('LONGLONG', 7));
  });

  it('of another shape when a row of VALUES has other types, and of the same with more rows of the same', () => {
    const shapeOf = (rows: string): string | null => {
      const text = `INSERT INTO orders (id, note) VALUES ${rows}`;
      return shapeKeyOf(held(text), judgement(text));
    };
    const asked = shapeOf("(1, 'a')");
    expect(shapeOf("(1, 'a'), (2, 'b')")).not.toBe(asked);
    expect(shapeOf("(1, 'a'), (2, 'b'), (3, 'c')")).toBe(shapeOf("(1, 'a'), (2, 'b')"));
    expect(shapeOf("(1, 'a'), (2, 0)")).not.toBe(shapeOf("(1, 'a'), (2, 'b')"));
  });

  it('of another key with other rows of values, and of another shape with more of them or other types', () => {
    const text = 'DELETE FROM orders WHERE id = ?';
    const keysOf = (...values: readonly RecordedBulkValue[]) => {
      const bulk = new BulkRows(
        {
          statementId: 1,
          wantsUnitResults: false,
          newTypes: undefined,
          types: [{ type: 'MYSQL_TYPE_LONG' }],
          rows: values.map((value) => [value]),
          rowBytes: Buffer.from(JSON.stringify(values)),
        },
        judged(text).scene,
      );
      const statement = held(text, { command: 'COM_STMT_BULK_EXECUTE', bulk });
      return [statementKeyOf(statement, judgement(text)), shapeKeyOf(statement, judgement(text))];
    };
    const [key, shape] = keysOf(1, 2);
    expect(keysOf(1, 2)).toEqual([key, shape]);
    expect(keysOf(1, 3)[0]).not.toBe(key);
    expect(keysOf(1, 3)[1]).toBe(shape);
    const others = [keysOf(1, 2, 3), keysOf(1), keysOf(1, null), keysOf(1, { indicator: 'ignore' })];
    expect(new Set([shape, ...others.map(([, other]) => other)]).size).toBe(5);
    // One row is a statement of its own kind too.
    const single = held(text, { command: 'COM_STMT_EXECUTE', values: [{ type: 'MYSQL_TYPE_LONG', value: 1 }] });
    expect(keysOf(1)).not.toContain(statementKeyOf(single, judgement(text)));
    expect(keysOf(1)).not.toContain(shapeKeyOf(single, judgement(text)));
  });

  it('of the shape of those that differ in their literals only', () => {
    expect(shapeKeyOf(held(ONE), judgement(ONE))).toBe(shapeKeyOf(held(TWO), judgement(TWO)));
    const all = 'UPDATE orders SET total = 0';
    expect(shapeKeyOf(held(all), judgement(all))).not.toBe(shapeKeyOf(held(ONE), judgement(ONE)));
  });
});
