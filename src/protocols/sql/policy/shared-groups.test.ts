import { schemaToJson } from '@cedar-policy/cedar-wasm/nodejs';
import { describe, expect, it } from 'vitest';
import { ECHO_VOCABULARY, type EchoFacts, echoCase, echoGrantCase } from '../../../../test/support/echo/vocabulary.js';
import { BrokerError } from '../../../kernel/errors.js';
import { assertNewPolicy, compilePolicies, type PolicySet } from '../../../policy/policy-set.js';
import { actionGroupsOf, schemaOf } from '../../../policy/schema.js';
import { grantCase } from './questions.js';
import { BOT, caseOf } from './scenes.fixture.js';
import { SQL_VOCABULARY } from './vocabulary.js';

const BOTH = [SQL_VOCABULARY, ECHO_VOCABULARY];

const policiesOf = (...texts: readonly string[]): PolicySet =>
  compilePolicies(
    texts.map((text, index) => ({ name: `p${index}`, text })),
    BOTH,
  );
const shout = (over: Partial<EchoFacts> = {}) =>
  echoCase(BOT, { action: 'shout', room: 'hall', loud: true, reason: null, ...over });
const UPDATE = caseOf({ action: 'update', kind: 'update' });

/** Why a new text is not taken. */
function refusal(text: string): string {
  try {
    assertNewPolicy({ name: 'new', text }, BOTH);
  } catch (error) {
    if (error instanceof BrokerError && error.code === 'policy_invalid') return String(error.fields?.['reason']);
    throw error;
  }
  return 'none';
}

describe('a policy for a shared group of actions', () => {
  const WRITES = 'permit (principal, action in Action::"write", resource) when { context.approved };';

  it('holds for the operations of every protocol', () => {
    expect(refusal(WRITES)).toBe('none');
    const policies = policiesOf(WRITES);
    expect(policies.judge(UPDATE).verdict).toBe('hold');
    expect(policies.judge(shout())).toMatchObject({
      verdict: 'hold',
      why: 'It needs an approval: shout in the room hall.',
    });
    expect(policies.judge(shout({ action: 'say' })).verdict).toBe('deny');
  });

  it('looks at the facts that all protocols tell', () => {
    const text = `permit (principal, action in Action::"operation", resource)
      when { context.approved || (!context.unparsed && context.reason == "" && context.parts == 1 && context.kind != "shout") };`;
    expect(refusal(text)).toBe('none');
    const policies = policiesOf(text);
    expect(policies.judge(UPDATE).verdict).toBe('allow');
    expect(policies.judge(shout({ action: 'say' })).verdict).toBe('allow');
    expect(policies.judge(shout()).verdict).toBe('hold');
    expect(policies.judge(shout({ action: 'mumble', room: null, reason: 'two verbs' })).verdict).toBe('hold');
  });

  it('looks at a fact of one protocol only after it asked whether there is one', () => {
    const bare =
      'forbid (principal, action in Action::"write", resource) when { context.flags.contains("returning") };';
    const asked = bare.replace('context.flags', 'context has flags && context.flags');
    expect(refusal(bare)).toMatch(/attribute `flags` in context for Echo::Action::"shout" not found/);
    expect(refusal(asked)).toBe('none');
    const policies = policiesOf(WRITES, asked);
    expect(policies.judge(shout()).verdict).toBe('hold');
    expect(policies.judge(caseOf({ action: 'update', kind: 'update', flags: ['returning'] })).verdict).toBe('deny');
  });

  it('holds for requests for grants of every protocol', () => {
    const policies = policiesOf(
      'permit (principal, action in Action::"request", resource) when { context.ttlSeconds <= 60 };',
    );
    const access = [{ database: 'shop', privileges: ['SELECT'] }] as const;
    const rooms = [{ room: 'hall', verbs: ['say'] }];
    expect(policies.judge(grantCase({ ...BOT, access, ttlSeconds: 60 })).verdict).toBe('allow');
    expect(policies.judge(echoGrantCase(BOT, rooms, 60)).verdict).toBe('allow');
    expect(policies.judge(echoGrantCase(BOT, rooms, 61)).verdict).toBe('deny');
  });
});

describe('a policy for the operations of one protocol', () => {
  it('says nothing of those of another', () => {
    const reads = policiesOf('permit (principal, action == Action::"read", resource);');
    expect(reads.judge(caseOf()).verdict).toBe('allow');
    expect(reads.judge(shout({ action: 'say' })).verdict).toBe('deny');
    const statements = policiesOf('permit (principal, action in Action::"statement", resource);');
    expect(statements.judge(UPDATE).verdict).toBe('allow');
    expect(statements.judge(shout()).verdict).toBe('deny');
  });

  it('names its places and facts as they are', () => {
    const text = `permit (principal, action == Echo::Action::"shout", resource in Target::"shop-db")
      when { resource is Echo::Room && resource.name == "hall" && context.loud };`;
    expect(refusal(text)).toBe('none');
    const policies = policiesOf(text);
    expect(policies.judge(shout()).verdict).toBe('allow');
    expect(policies.judge(shout({ room: 'library' })).verdict).toBe('deny');
    expect(policies.judge(shout({ loud: false })).verdict).toBe('deny');
  });
});

describe('a policy that was taken before another protocol came', () => {
  // Valid as long as only statements are in the group.
  const OLD = `@id("narrow") permit (principal, action in Action::"write", resource) when { context.whereNamesColumn };`;
  const ALL = 'permit (principal, action in Action::"operation", resource);';

  it('keeps its meaning for statements', () => {
    const alone = compilePolicies([{ name: 'p0', text: OLD }], [SQL_VOCABULARY]);
    const now = policiesOf(OLD);
    for (const where of ['column', 'none'] as const) {
      const asked = caseOf({ action: 'update', kind: 'update', where });
      expect(now.judge(asked)).toEqual(alone.judge(asked));
    }
    expect(now.judge(UPDATE).verdict).toBe('allow');
  });

  it('is a denial for operations that it cannot be evaluated for, whatever permits them', () => {
    const { verdict, policies, why } = policiesOf(OLD, ALL).judge(shout());
    expect({ verdict, policies }).toEqual({ verdict: 'deny', policies: ['p0#narrow'] });
    expect(why).toMatch(/could not be evaluated/);
  });

  it('is not taken again as it is', () => {
    expect(refusal(OLD)).toMatch(/whereNamesColumn/);
  });

  it('must fit the words of one protocol as a whole', () => {
    const mixed = `${OLD} permit (principal, action == Echo::Action::"say", resource);`;
    expect(() => policiesOf(mixed)).toThrow(expect.objectContaining({ code: 'policy_invalid' }));
  });
});

describe('several vocabularies', () => {
  it('are one schema, whose groups are those that are evaluated', () => {
    const schema = schemaToJson(schemaOf(BOTH));
    if (schema.type === 'failure') throw new Error('The schema is valid');
    const inSchema = Object.entries(schema.json).flatMap(([namespace, { actions }]) =>
      Object.entries(actions).map(([name, { memberOf }]): [string, readonly string[]] => [
        namespace === '' ? name : `${namespace}::${name}`,
        (memberOf ?? []).map(({ id }) => id).sort(),
      ]),
    );
    const groups = actionGroupsOf(BOTH);
    const evaluated = inSchema.map(([name]): [string, readonly string[]] => [name, [...(groups[name] ?? [])].sort()]);
    expect(new Map(evaluated)).toEqual(new Map(inSchema));
    expect(Object.keys(groups).filter((name) => !inSchema.some(([known]) => known === name))).toEqual([]);
  });

  it('begin with the default policies of each, which fit all of them together', () => {
    for (const { defaults } of BOTH) expect(() => assertNewPolicy(defaults, BOTH)).not.toThrow();
    const policies = compilePolicies(
      BOTH.map(({ defaults }) => defaults),
      BOTH,
    );
    expect(policies.judge(caseOf()).policies).toEqual(['default#reads']);
    expect(policies.judge(UPDATE).policies).toEqual(['default#writes']);
    expect(policies.judge(shout({ action: 'say' })).policies).toEqual(['default-echo#says']);
    expect(policies.judge(shout())).toMatchObject({ verdict: 'hold' });
    expect(policies.judge(shout({ action: 'wipe' }))).toMatchObject({
      verdict: 'deny',
      policies: ['default-echo#wipes'],
    });
  });
});
