import { describe, expect, it } from 'vitest';
import type { StatementFacts } from '../statement.js';
import type { Verdict } from '../../../domain/verdict.js';
import { DEFAULT_POLICY_NAME, DEFAULT_POLICY_TEXT } from './default-bundle.js';
import { BOT, caseOf, policySetOf } from './scenes.fixture.js';
import { grantCase } from './questions.js';

const bundle = policySetOf([{ name: DEFAULT_POLICY_NAME, text: DEFAULT_POLICY_TEXT }]);

type Row = readonly [string, Partial<StatementFacts>, Verdict, string | null];

const MYSQL_USER: StatementFacts['tables'] = [{ database: 'mysql', table: 'user', action: 'read', by: 'text' }];
const orders = (action: 'read' | 'insert' | 'update' | 'delete' | 'replace' | 'schema' | 'lock') =>
  [{ database: 'shop', table: 'orders', action, by: 'text' }] as const;

/** What is told to anyone who decides, or to the agent. */
const ROWS: readonly Row[] = [
  ['SELECT of a table', {}, 'allow', null],
  ['SELECT without a WHERE', { where: 'none' }, 'allow', null],
  ['SELECT 1', { tables: [] }, 'allow', null],
  ['SHOW TABLES', { kind: 'show tables', tables: [] }, 'allow', null],
  ['SET NAMES', { kind: 'set', action: 'session', tables: [] }, 'allow', null],
  ['BEGIN', { kind: 'begin', action: 'session', tables: [] }, 'allow', null],
  ['UPDATE by a column', { kind: 'update', action: 'update' }, 'hold', 'UPDATE on shop.orders'],
  ['INSERT', { kind: 'insert', action: 'insert', where: 'none' }, 'hold', 'INSERT on shop.orders'],
  ['REPLACE', { kind: 'replace', action: 'replace', where: 'none' }, 'hold', 'REPLACE on shop.orders'],
  ['UPDATE without a WHERE', { kind: 'update', action: 'update', where: 'none' }, 'hold', 'every row'],
  ['DELETE WHERE 1', { kind: 'delete', action: 'delete', where: 'constant' }, 'hold', 'every row'],
  ['SELECT … FOR UPDATE', { flags: ['locking-read'] }, 'hold', 'locks rows'],
  ['a sleeping function', { unknownFunctions: [{ database: null, name: 'sleep' }] }, 'hold', 'not in the statement'],
  ['CALL', { kind: 'call', action: 'execute', tables: [] }, 'hold', 'not in the statement'],
  ['ALTER TABLE', { kind: 'alter table', action: 'schema' }, 'hold', 'schema'],
  ['TRUNCATE', { kind: 'truncate', action: 'schema' }, 'hold', 'schema'],
  ['DROP INDEX', { kind: 'drop index', action: 'schema' }, 'hold', 'schema'],
  ['LOCK TABLES', { kind: 'lock tables', action: 'lock' }, 'hold', 'locks'],
  [
    'an unclosed string',
    { kind: 'unknown', action: 'unknown', tables: [], notUnderstood: 'unclosed string' },
    'hold',
    'established',
  ],
  ['a read that parsers read differently', { notUnderstood: 'parsers disagree' }, 'hold', 'established'],
  [
    'a SET that parsers read differently',
    { action: 'session', tables: [], notUnderstood: 'parsers disagree' },
    'hold',
    'established',
  ],
  ['two reads in one text', { statements: 2 }, 'hold', 'established'],
  ['a read that a trigger makes a write', { tables: [...orders('read'), ...orders('update')] }, 'hold', 'UPDATE'],
  ['DROP TABLE', { kind: 'drop table', action: 'schema' }, 'deny', 'not dropped'],
  ['DROP DATABASE', { kind: 'drop database', action: 'schema', tables: [] }, 'deny', 'not dropped'],
  ['CREATE USER', { kind: 'create user', action: 'admin', tables: [] }, 'deny', 'Account'],
  ['GRANT of a table', { kind: 'grant', action: 'admin', tables: orders('schema') }, 'deny', 'Account'],
  [
    'an admin command that is not understood',
    { kind: 'xa', action: 'admin', tables: [], notUnderstood: 'x' },
    'deny',
    'Account',
  ],
  ['SELECT … INTO OUTFILE', { flags: ['into-file'] }, 'deny', 'files'],
  ['SELECT of mysql.user', { tables: MYSQL_USER }, 'deny', "server's own"],
];

describe('the default policies', () => {
  it.each(ROWS)('%s', (_, facts, verdict, told) => {
    const judged = bundle.judge(caseOf(facts));
    expect(judged.verdict).toBe(verdict);
    const words = `${judged.why} ${judged.hold?.warning ?? ''}`.trim();
    if (told === null) expect(words).toBe('');
    else expect(words).toContain(told);
    expect(judged.policies.every((id) => id.startsWith('default#'))).toBe(true);
    expect(judged.policies).not.toHaveLength(0);
  });

  it('drop a temporary table only with an approval', () => {
    const facts = { kind: 'drop table', action: 'schema', flags: ['temporary'] } as const;
    expect(bundle.judge(caseOf(facts)).verdict).toBe('hold');
  });

  it('hold for half a minute in a transaction', () => {
    const verdict = bundle.judge(caseOf({ kind: 'update', action: 'update' }, { inTransaction: true }));
    expect(verdict.hold).toMatchObject({
      holdSeconds: 600,
      inTransaction: 'hold',
      transactionHoldSeconds: 30,
      quorum: 1,
      decideIn: 'anywhere',
      reauthenticateSeconds: null,
      slackChannels: [],
    });
  });

  it('let agents ask for grants', () => {
    const access = [{ database: 'shop', privileges: ['SELECT', 'UPDATE'] }] as const;
    expect(bundle.judge(grantCase({ ...BOT, access, ttlSeconds: 3600 }))).toMatchObject({
      verdict: 'allow',
      policies: ['default#grants'],
    });
  });
});
