import { describe, expect, it } from 'vitest';
import type { StatementFacts } from '../statement.js';
import { grantCase, type StatementScene } from './questions.js';
import { BrokerError } from '../../../kernel/errors.js';
import { BOT, caseOf, policySetOf } from './scenes.fixture.js';

function judge(text: string, facts: Partial<StatementFacts> = {}, scene: Partial<StatementScene> = {}) {
  return policySetOf([{ name: 'p', text }]).judge(caseOf(facts, scene));
}

const HELD_WRITES = '@id("held") permit(principal, action in Action::"write", resource) when { context.approved };';
const READS = '@id("reads") permit(principal, action == Action::"read", resource);';

describe('a verdict', () => {
  it('is allow for what is permitted as it is, and names the policies', () => {
    expect(judge(READS)).toEqual({ verdict: 'allow', policies: ['p#reads'], hold: null, why: '' });
  });

  it('is hold for what is permitted only once approved', () => {
    expect(judge(HELD_WRITES, { action: 'update', kind: 'update' })).toEqual({
      verdict: 'hold',
      policies: ['p#held'],
      hold: {
        approvers: [],
        quorum: 1,
        decideIn: 'anywhere',
        reauthenticateSeconds: null,
        holdSeconds: 600,
        inTransaction: 'hold',
        transactionHoldSeconds: 30,
        warning: null,
        slackChannels: [],
      },
      why: 'It needs an approval: UPDATE on shop.orders.',
    });
  });

  it('is deny for what nothing permits', () => {
    expect(judge(READS, { action: 'delete', kind: 'delete' })).toMatchObject({
      verdict: 'deny',
      policies: [],
      hold: null,
      why: 'No policy permits DELETE on shop.orders.',
    });
    expect(policySetOf([]).judge(caseOf())).toMatchObject({ verdict: 'deny', policies: [] });
  });

  it('is deny for what a policy forbids, in the words of that policy', () => {
    const forbid =
      '@id("no") @why("Orders are closed") forbid(principal, action, resource == Table::"shop-db/shop.orders");';
    expect(judge(READS + forbid)).toMatchObject({ verdict: 'deny', policies: ['p#no'], why: 'Orders are closed.' });
  });

  it('is hold for what is forbidden unless approved, and both policies are named', () => {
    const forbid = '@id("ask") @approvers("dba") forbid(principal, action, resource) unless { context.approved };';
    expect(judge(READS + forbid)).toMatchObject({
      verdict: 'hold',
      policies: ['p#ask', 'p#reads'],
      hold: { approvers: ['dba'] },
    });
  });

  it('is deny, never allow, when a policy cannot be evaluated', () => {
    const overflow =
      '@id("sum") forbid(principal, action == Action::"read", resource) when { context.statements + 9223372036854775807 > 0 };';
    const verdict = judge(READS + overflow);
    expect(verdict).toMatchObject({ verdict: 'deny', policies: ['p#sum'] });
    expect(verdict.why).toMatch(/could not be evaluated: .*overflow/);
  });

  it('is the strictest of all that the statement does', () => {
    const tables: StatementFacts['tables'] = [
      { database: 'shop', table: 'orders', action: 'read', by: 'text' },
      { database: 'shop', table: 'totals', action: 'update', by: 'trigger' },
    ];
    expect(judge(READS + HELD_WRITES, { tables })).toMatchObject({ verdict: 'hold', policies: ['p#held'] });
    expect(judge(READS, { tables })).toMatchObject({ verdict: 'deny' });
  });

  it('asks for the statement itself where no table bears its action', () => {
    expect(judge(READS, { action: 'execute', kind: 'call' })).toMatchObject({ verdict: 'deny' });
    expect(judge(READS, { action: 'insert', tables: [] })).toMatchObject({ verdict: 'deny' });
    expect(judge(READS, { tables: [] })).toMatchObject({ verdict: 'allow' });
  });

  it('asks for every function that is not known to be harmless', () => {
    const unknownFunctions = [{ database: null, name: 'SLEEP' }];
    expect(judge(READS, { unknownFunctions })).toMatchObject({
      verdict: 'deny',
      why: 'No policy permits running code in the database shop. It calls functions that the broker does not know to be harmless: sleep.',
    });
    const inShop = 'permit(principal, action == Action::"execute", resource == Database::"shop-db/shop");';
    expect(judge(READS + inShop, { unknownFunctions })).toMatchObject({ verdict: 'allow' });
    const elsewhere = [{ database: 'other', name: 'f' }];
    expect(judge(READS + inShop, { unknownFunctions: elsewhere })).toMatchObject({ verdict: 'deny' });
  });

  it('does not take what only looks like a read for one, where a policy permits reads and nothing else', () => {
    const doubtful = { notUnderstood: 'parsers disagree' };
    expect(judge(READS)).toMatchObject({ verdict: 'allow' });
    expect(judge(READS, doubtful)).toMatchObject({ verdict: 'deny' });
    const heldUnknown = 'permit(principal, action == Action::"unknown", resource) when { context.approved };';
    expect(judge(READS + heldUnknown, doubtful)).toMatchObject({ verdict: 'hold' });
    expect(judge(`${READS}permit(principal, action == Action::"unknown", resource);`, doubtful)).toMatchObject({
      verdict: 'allow',
    });
  });

  it('lets no right on one database do for a statement whose database nobody knows', () => {
    const inShop = 'permit(principal, action, resource in Database::"shop-db/shop");';
    expect(judge(inShop)).toMatchObject({ verdict: 'allow' });
    expect(judge(inShop, { action: 'schema', kind: 'drop database', tables: [] })).toMatchObject({ verdict: 'deny' });
    expect(judge(inShop, { action: 'unknown', notUnderstood: 'x' })).toMatchObject({ verdict: 'deny' });
  });

  it.each([
    ['the target', 'resource in Target::"shop-db"', true],
    ['another target', 'resource in Target::"other"', false],
    ['the database', 'resource in Database::"shop-db/shop"', true],
    ['the table', 'resource == Table::"shop-db/shop.orders"', true],
    ['a table of the same name elsewhere', 'resource == Table::"shop-db/other.orders"', false],
  ])('depends on the place: %s', (_, place, isAllowed) => {
    expect(judge(`permit(principal, action, ${place});`).verdict).toBe(isAllowed ? 'allow' : 'deny');
  });

  it('keeps names apart that hold what separates names', () => {
    const named = 'permit(principal, action, resource == Table::"shop-db/a.b%2Ec");';
    const tables = (database: string, table: string): StatementFacts['tables'] => [
      { database, table, action: 'read', by: 'text' },
    ];
    expect(judge(named, { tables: tables('a', 'b.c') }).verdict).toBe('allow');
    expect(judge(named, { tables: tables('a.b', 'c') }).verdict).toBe('deny');
  });

  it('depends on labels, on who asks, and on every fact', () => {
    const where = (condition: string) => `permit(principal, action, resource) when { ${condition} };`;
    const onProd = where('resource.hasTag("env") && resource.getTag("env") == "prod"');
    expect(judge(onProd).verdict).toBe('allow');
    expect(judge(onProd, {}, { target: { ...BOT.target, labels: {} } }).verdict).toBe('deny');
    expect(judge('permit(principal == Agent::"bot", action, resource);').verdict).toBe('allow');
    expect(judge('permit(principal is User, action, resource);').verdict).toBe('deny');
    const facts =
      'permit(principal, action in Action::"statement", resource) when { context == context && context.kind == "select" };';
    expect(judge(facts).verdict).toBe('allow');
  });

  it('is deny for a text that touches more than policies are asked about', () => {
    const tables = Array.from({ length: 600 }, (_, index) => ({
      database: 'shop',
      table: `t${index}`,
      action: 'read' as const,
      by: 'text' as const,
    }));
    expect(judge(READS, { tables }).verdict).toBe('deny');
  });
});

describe('the reason of a verdict', () => {
  it.each<[Partial<StatementFacts>, string]>([
    [{ action: 'delete', where: 'none' }, 'DELETE on shop.orders has no WHERE that names a column.'],
    [{ action: 'update', where: 'constant' }, 'UPDATE on shop.orders has no WHERE that names a column.'],
    [
      { action: 'unknown', notUnderstood: 'unclosed string' },
      'The broker did not understand the statement: unclosed string.',
    ],
    [{ action: 'insert', triggers: ['shop.audit'] }, 'It fires triggers: shop.audit.'],
  ])('is in plain words: %o', (facts, why) => {
    const held =
      '@why("Ask first") permit(principal, action, resource) when { context has approved && context.approved };';
    expect(judge(held, facts).why).toBe(`${why} Ask first.`);
  });

  it('shows names so that they cannot pass for something else', () => {
    const tables: StatementFacts['tables'] = [{ database: 'a\u202eb', table: 'x\ny', action: 'read', by: 'text' }];
    expect(policySetOf([]).judge(caseOf({ tables })).why).toBe('No policy permits reading on a⟨U+202E⟩b.x⟨U+000A⟩y.');
  });
});

describe('terms of asking', () => {
  const two = (first: string, second: string) =>
    `${first} permit(principal, action == Action::"read", resource) when { context.approved };
     ${second} forbid(principal, action, resource) unless { context has approved && context.approved };`;

  it('come from annotations', () => {
    const text =
      '@approvers("security, dba") @quorum("2") @decideIn("web") @reauthenticate("15m") @hold("2h") @inTransaction("refuse") @transactionHold("5") @warning("Careful") @slack("C02, C01")';
    expect(judge(two(text, '')).hold).toEqual({
      approvers: ['dba', 'security'],
      quorum: 2,
      decideIn: 'web',
      reauthenticateSeconds: 900,
      holdSeconds: 7200,
      inTransaction: 'refuse',
      transactionHoldSeconds: 5,
      warning: 'Careful',
      slackChannels: ['C01', 'C02'],
    });
  });

  it('of several policies are the strictest of each', () => {
    const first =
      '@approvers("dba,security") @quorum("1") @reauthenticate("1h") @hold("1m") @inTransaction("hold") @warning("One.") @slack("C01")';
    const second =
      '@approvers("security,boss") @quorum("3") @decideIn("web") @reauthenticate("1m") @hold("1d") @inTransaction("rollback") @warning("Two.") @slack("C02,C01")';
    expect(judge(two(first, second)).hold).toEqual({
      approvers: ['boss', 'dba', 'security'],
      quorum: 3,
      decideIn: 'web',
      reauthenticateSeconds: 60,
      holdSeconds: 60,
      inTransaction: 'rollback',
      transactionHoldSeconds: 30,
      warning: 'One. Two.',
      slackChannels: ['C01', 'C02'],
    });
  });
});

describe('an allowed statement', () => {
  it('says how long others may wait for the locks of its transaction: the shortest time of what permits it', () => {
    const permit = (note: string) => `${note} permit(principal, action == Action::"read", resource);`;
    expect(judge(permit('')).transactionHoldSeconds).toBeUndefined();
    expect(judge(`${permit('@transactionHold("20s")')} ${permit('@transactionHold("3s")')}`)).toMatchObject({
      verdict: 'allow',
      transactionHoldSeconds: 3,
    });
  });
});

describe('a request for a grant', () => {
  const request = { ...BOT, ttlSeconds: 600 };

  it('is asked for each of its databases and tables', () => {
    const set = policySetOf([
      { name: 'a', text: 'permit(principal, action == Action::"requestGrant", resource in Database::"shop-db/shop");' },
    ]);
    const shop = { database: 'shop', privileges: ['SELECT'] } as const;
    expect(set.judge(grantCase({ ...request, access: [shop] }))).toMatchObject({ verdict: 'allow' });
    expect(set.judge(grantCase({ ...request, access: [shop, { ...shop, database: 'hr' }] }))).toMatchObject({
      verdict: 'deny',
      why: 'No policy permits asking for a grant in the database hr.',
    });
    expect(set.judge(grantCase({ ...request, access: [] }))).toMatchObject({ verdict: 'deny' });
  });

  it('can be held by what it asks for', () => {
    const text = `permit(principal, action == Action::"requestGrant", resource)
      when { context.approved || !(context.writes || context.wholeDatabase) && context.ttlSeconds <= 900 };`;
    const set = policySetOf([{ name: 'a', text }]);
    const ask = (over: object, ttlSeconds = 600) =>
      set.judge(
        grantCase({
          ...request,
          ttlSeconds,
          access: [{ database: 'shop', tables: ['orders'], privileges: ['SELECT'], ...over }],
        }),
      ).verdict;
    expect(ask({})).toBe('allow');
    expect(ask({ tables: undefined })).toBe('hold');
    expect(ask({ privileges: ['SELECT', 'UPDATE'] })).toBe('hold');
    expect(ask({}, 901)).toBe('hold');
  });
});

describe('policies that cannot be used', () => {
  function refusal(text: string) {
    try {
      policySetOf([{ name: 'mine', text }]);
    } catch (error) {
      if (error instanceof BrokerError) return { code: error.code, detail: error.detail, ...error.fields };
      throw error;
    }
    return undefined;
  }

  it.each([
    [
      'what does not parse',
      '// é\npermit(principal, action, resource)\nwhen { context.x ==== 1 };',
      3,
      20,
      /unexpected token/,
    ],
    [
      'an attribute that there is not',
      `${READS}\n permit(principal, action == Action::"read", resource) when { context.knd == "x" };`,
      2,
      63,
      /`knd`.*`kind`/,
    ],
    ['an action that there is not', 'permit(principal, action == Action::"reed", resource);', 1, 29, /reed/],
    [
      'a type that does not fit',
      '\npermit(principal, action == Action::"read", resource) when { context.kind == 1 };',
      2,
      62,
      /./,
    ],
    ['a template', '\npermit(principal == ?principal, action, resource);', 2, 21, /Templates/],
    ['an annotation that nobody knows', `${READS}\n@approver("dba") ${HELD_WRITES}`, 2, 1, /no annotation @approver/],
    ['a quorum that is no number', '@quorum("two") permit(principal, action, resource);', 1, 1, /@quorum must be/],
    ['a time that is none', '@hold("soon") permit(principal, action, resource);', 1, 1, /@hold must be/],
    [
      'a way to decide that there is not',
      '@decideIn("slack") permit(principal, action, resource);',
      1,
      1,
      /@decideIn must be "web"/,
    ],
    [
      'the name of a Slack channel',
      '@slack("#approvals") permit(principal, action, resource);',
      1,
      1,
      /@slack must have 1 to 5 ids/,
    ],
    [
      'a sign-in that is over at once',
      '@reauthenticate("30s") permit(principal, action, resource);',
      1,
      1,
      /at least a minute/,
    ],
    ['two policies of one id', `${READS}\n${READS}`, 2, 1, /Two policies have the id reads/],
    [
      'brackets without end',
      `permit(principal, action, resource) when { ${'('.repeat(5000)}true${')'.repeat(5000)} };`,
      1,
      75,
      /nested/,
    ],
    [
      'an expression without end',
      `permit(principal, action, resource) when { true${' && true'.repeat(5000)} };`,
      1,
      1649,
      /operators/,
    ],
    ['a text without end', ' '.repeat(70_000), 1, 1, /longer than/],
  ])('are refused with line and reason: %s', (_, text, line, column, reason) => {
    const refused = refusal(text);
    expect(refused).toMatchObject({ code: 'policy_invalid', policy: 'mine', line, column });
    expect(refused).toHaveProperty('reason', expect.stringMatching(reason));
    expect(refused?.detail).toContain(`Policy mine, line ${line}, column ${column}: `);
  });

  it('leave the engine as it was', () => {
    expect(
      refusal(`permit(principal, action, resource) when { ${'!('.repeat(9000)}true${')'.repeat(9000)} };`),
    ).toBeDefined();
    expect(judge(READS).verdict).toBe('allow');
  });
});

describe('a set of policies', () => {
  it('is named by its names and texts, in whatever order they come', () => {
    const [a, b] = [
      { name: 'a', text: READS },
      { name: 'b', text: HELD_WRITES },
    ] as const;
    expect(policySetOf([a, b]).version).toBe(policySetOf([b, a]).version);
    expect(policySetOf([a, b]).version).toMatch(/^[0-9a-f]{16}$/);
    expect(policySetOf([a]).version).not.toBe(policySetOf([{ ...a, text: `${READS} ` }]).version);
    expect(policySetOf([a]).version).not.toBe(policySetOf([{ ...a, name: 'b' }]).version);
  });

  it('names policies without an id by their place, beyond ten of them too', () => {
    const texts = Array.from(
      { length: 12 },
      (_, place) => `permit(principal, action, resource == Target::"t${place}");`,
    );
    const set = policySetOf([{ name: 'many', text: texts.join('\n') }]);
    const target = { ...BOT.target, name: 't11' };
    expect(set.judge(caseOf({ tables: [] }, { target, database: null })).policies).toEqual(['many#11']);
  });

  it('goes on working however many others are made after it', () => {
    const first = policySetOf([{ name: 'a', text: READS }]);
    const others = Array.from({ length: 20 }, (_, index) => policySetOf([{ name: `n${index}`, text: HELD_WRITES }]));
    for (const set of others) expect(set.judge(caseOf()).verdict).toBe('deny');
    expect(first.judge(caseOf()).policies).toEqual(['a#reads']);
  });
});
