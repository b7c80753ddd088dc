import { describe, expect, it } from 'vitest';
import { PLAIN_SQL_MODE, type SqlDialect } from '../domain/statement.js';
import { analyse } from '../sql/analyse.js';
import { dialectOf } from '../sql/dialect.js';
import type { JudgedStatement, Judgement } from './ports.js';
import { shapeKeyOf, statementKeyOf } from './statement-key.js';

const dialect = dialectOf({ flavour: 'mariadb', version: '10.11.6', sqlMode: PLAIN_SQL_MODE });

function judged(text: string, changed: Partial<JudgedStatement> = {}, spoken: SqlDialect = dialect): JudgedStatement {
  const scene = { database: 'shop', dialect: spoken, inTransaction: false, isAsciiOnly: false };
  return { command: 'COM_QUERY', bytes: Buffer.from(text), text, values: undefined, scene, ...changed };
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

const ansi = { ...dialect, sqlMode: { ...PLAIN_SQL_MODE, ansiQuotes: true } };

const ONE = 'UPDATE orders SET total = 0 WHERE id = 1';
const TWO = 'UPDATE orders SET total = 0 WHERE id = 2';

describe('a held statement is', () => {
  it('the same with the same bytes, values, database and state, whenever the policy asks the same people', () => {
    const asked = statementKeyOf(judged(ONE), judgement(ONE));
    expect(statementKeyOf(judged(ONE), judgement(ONE, { holdSeconds: 30, warning: 'Look twice.' }))).toBe(asked);
    const others = [
      statementKeyOf(judged(TWO), judgement(TWO)),
      statementKeyOf(judged(ONE, { values: [{ type: 'LONG', value: 1 }] }), judgement(ONE)),
      statementKeyOf(judged(ONE, { values: [{ type: 'LONG', value: 2 }] }), judgement(ONE)),
      statementKeyOf(judged(ONE, { values: [{ type: 'VAR_STRING', value: '2' }] }), judgement(ONE)),
      statementKeyOf(judged(ONE, {}, ansi), judgement(ONE)),
    ];
    expect(new Set([asked, ...others]).size).toBe(others.length + 1);
  });

  it.each([{ quorum: 2 }, { approvers: ['security'] }])('another once the policy wants other people: %o', (terms) => {
    expect(statementKeyOf(judged(ONE), judgement(ONE, terms))).not.toBe(statementKeyOf(judged(ONE), judgement(ONE)));
    expect(shapeKeyOf(judged(ONE), judgement(ONE, terms))).not.toBe(shapeKeyOf(judged(ONE), judgement(ONE)));
  });

  it('of the shape of those that differ in their literals only', () => {
    expect(shapeKeyOf(judged(ONE), judgement(ONE))).toBe(shapeKeyOf(judged(TWO), judgement(TWO)));
    const all = 'UPDATE orders SET total = 0';
    expect(shapeKeyOf(judged(all), judgement(all))).not.toBe(shapeKeyOf(judged(ONE), judgement(ONE)));
  });
});
