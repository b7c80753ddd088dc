import { describe, expect, it } from 'vitest';
import { GROUPS_MAX } from '../principal.js';
import { mapIdentity, type MappingRule, type ProviderUse } from './identity-mapping.js';
import { identityForTrial } from './json-claims.js';
import { explainMapping } from './mapping-explained.js';
import { faultsOfMapping, faultsOfRule } from './mapping-faults.js';
import { type Claims, type VerifiedIdentity } from './verified-identity.js';

const PERSON: MappingRule = {
  provider: 'corp',
  when: { groups: 'dba' },
  principal: '{preferred_username|lower}',
  kind: 'user',
  roles: ['approver'],
  groups: ['dba'],
};
const JOB: MappingRule = {
  provider: 'ci',
  when: { repository: ['acme/shop', 'acme/billing'], protected: true },
  principal: '{repository}/{environment}',
  kind: 'agent',
  roles: ['agent'],
  groups: [],
};

function person(claims: Claims): VerifiedIdentity {
  return identityForTrial('corp', 'oidc', { iss: 'https://id.example.com', sub: '17', ...claims });
}

function named(rule: Partial<MappingRule>, claims: Claims, use: ProviderUse = 'people'): string | undefined {
  const outcome = mapIdentity([{ ...PERSON, when: { iss: 'https://id.example.com' }, ...rule }], person(claims), use);
  return 'principal' in outcome ? outcome.principal.name : outcome.refusal.why;
}

describe('a condition', () => {
  const fits = (when: MappingRule['when'], claims: Claims) => named({ when, principal: 'x' }, claims) === 'corp:x';

  it.each<[string, MappingRule['when'], Claims]>([
    ['a text', { a: 'b' }, { a: 'b' }],
    ['a number', { a: 3 }, { a: 3 }],
    ['a boolean', { a: false }, { a: false }],
    ['one of several values', { a: ['b', 'c'] }, { a: 'c' }],
    ['a list that has the value', { a: 'b' }, { a: ['x', 'b'] }],
    ['a nested claim', { 'a.b': 'c' }, { a: { b: 'c' } }],
    ['a name that has dots itself', { 'a.b': 'c' }, { 'a.b': 'c', a: { b: 'other' } }],
    [
      'a claim inside one whose name has dots',
      { 'kubernetes.io.pod.name': 'p' },
      { 'kubernetes.io': { pod: { name: 'p' } } },
    ],
    ['a name that is an address', { 'https://example.com/team': 't' }, { 'https://example.com/team': 't' }],
    ['the verified subject, whatever the claims say', { sub: '17' }, {}],
  ])('fits %s', (_, when, claims) => {
    expect(fits(when, claims)).toBe(true);
  });

  it.each<[string, MappingRule['when'], Claims]>([
    ['another value', { a: 'b' }, { a: 'B' }],
    ['a part of the value', { a: 'acme/shop' }, { a: 'acme/shop-2' }],
    ['a value of another type', { a: 'true' }, { a: true }],
    ['a claim that is not there', { a: 'b' }, {}],
    ['null', { a: 'null' }, { a: null }],
    ['an object', { a: 'b' }, { a: { b: 'b' } }],
    ['a list in a list', { a: 'b' }, { a: [['b']] }],
    ['what every object has', { 'constructor.name': 'Object' }, {}],
    ['one of two conditions alone', { a: 'b', c: 'd' }, { a: 'b' }],
    [
      'a nested claim, where a claim of the longer name is a text',
      { 'a.b.c': 'd' },
      { 'a.b': 'text', a: { b: { c: 'd' } } },
    ],
  ])('does not fit %s', (_, when, claims) => {
    expect(fits(when, claims)).toBe(false);
  });
});

describe('the rules', () => {
  it('are asked in order, and the first that fits decides', () => {
    const outcome = mapIdentity(
      [
        PERSON,
        { ...PERSON, when: { iss: 'https://id.example.com' }, roles: ['reviewer'] },
        { ...PERSON, roles: ['operator'] },
      ],
      person({ preferred_username: 'Kim', groups: ['ops'] }),
      'people',
    );
    expect(outcome).toEqual({
      principal: { rule: 1, name: 'corp:kim', kind: 'user', roles: ['reviewer'], groups: ['dba'], leftOut: [] },
    });
  });

  it('refuse anyone who fits none of them', () => {
    expect(mapIdentity([PERSON], person({ groups: ['ops'] }), 'people')).toEqual({
      refusal: { rule: null, why: 'no_rule', claim: null },
    });
  });

  it('do not go on after one that fits and gives no name', () => {
    const second = { ...PERSON, principal: 'somebody' };
    expect(mapIdentity([PERSON, second], person({ groups: ['dba'] }), 'people')).toEqual({
      refusal: { rule: 0, why: 'claim_missing', claim: 'preferred_username' },
    });
  });

  it('of another provider do not count, nor those for the other use', () => {
    const claims = { groups: 'dba', preferred_username: 'kim' };
    expect(mapIdentity([{ ...PERSON, provider: 'other' }], person(claims), 'people')).toHaveProperty('refusal');
    expect(mapIdentity([PERSON], person(claims), 'agents')).toHaveProperty('refusal');
    expect(mapIdentity([{ ...PERSON, kind: 'service', roles: ['reviewer'] }], person(claims), 'people')).toHaveProperty(
      'refusal',
    );
    expect(mapIdentity([PERSON], person(claims), 'people')).toHaveProperty('principal');
  });
});

describe('a name', () => {
  it.each<[string, string, Claims, string]>([
    ['a claim', '{sub}', {}, 'corp:17'],
    ['text and claims', 'ci/{repository}/{env}', { repository: 'acme/shop', env: 'prod' }, 'corp:ci/acme/shop/prod'],
    ['small letters where wished', '{name|lower}', { name: 'KIM.Doe' }, 'corp:kim.doe'],
    ['a number', 'p{project}', { project: 42 }, 'corp:p42'],
    ['a list of one', '{uid}', { uid: ['kim'] }, 'corp:kim'],
    ['a SPIFFE id', '{id|spiffe}', { id: 'spiffe://example.org/ns/agents' }, 'corp:example.org/ns/agents'],
    ['two filters', '{id|spiffe|lower}', { id: 'spiffe://example.org/NS' }, 'corp:example.org/ns'],
  ])('has %s', (_, principal, claims, name) => {
    expect(named({ principal }, claims)).toBe(name);
  });

  it.each<[string, string, Claims, string]>([
    ['the claim is missing', '{name}', {}, 'claim_missing'],
    ['the claim is null', '{name}', { name: null }, 'claim_missing'],
    ['the claim is empty', 'x-{name}', { name: '' }, 'claim_empty'],
    ['the list is empty', '{name}', { name: [] }, 'claim_empty'],
    ['there are several values', '{name}', { name: ['kim', 'root'] }, 'claim_many'],
    ['it is an object', '{name}', { name: { a: 'b' } }, 'claim_not_text'],
    ['it is a boolean', '{name}', { name: true }, 'claim_not_text'],
    ['it is no whole number', '{name}', { name: 1.5 }, 'claim_not_text'],
    ['it is no SPIFFE id', '{name|spiffe}', { name: 'https://example.org/x' }, 'claim_no_spiffe_id'],
    ['nothing of the SPIFFE id is left', '{name|spiffe}', { name: 'spiffe://' }, 'claim_empty'],
    ['it has capital letters', '{name}', { name: 'Kim' }, 'name_characters'],
    ['it has a colon, as other providers have', '{name}', { name: 'other:kim' }, 'name_characters'],
    ['it has a space', '{name}', { name: 'kim doe' }, 'name_characters'],
    ['it has a line break at its end', '{name}', { name: 'kim\n' }, 'name_characters'],
    ['it has a letter that only looks like one', '{name}', { name: 'k\u0456m' }, 'name_characters'],
    // U+212A is the sign of kelvin; in small letters it would be the k of somebody else.
    ['its small letters would be those of another', '{name|lower}', { name: '\u212Aim' }, 'name_characters'],
    ['it begins with a dot', '{name}', { name: '../root' }, 'name_characters'],
    ['it is longer than names are', '{name}', { name: 'a'.repeat(124) }, 'name_long'],
  ])('is refused where %s', (_, principal, claims, why) => {
    expect(named({ principal }, claims)).toBe(why);
  });

  it("may have as many characters as principals' names have", () => {
    expect(named({ principal: '{name}' }, { name: 'a'.repeat(123) })).toBe(`corp:${'a'.repeat(123)}`);
  });
});

describe('groups', () => {
  const groups = (templates: readonly string[], claims: Claims) => {
    const outcome = mapIdentity(
      [{ ...PERSON, when: { sub: '17' }, principal: 'x', groups: templates }],
      person(claims),
      'people',
    );
    return 'principal' in outcome ? { groups: outcome.principal.groups, leftOut: outcome.principal.leftOut } : outcome;
  };

  it('are those of the rule, and of a claim one for each element, each once', () => {
    expect(groups(['dba', '{groups}', 'sso-{team|lower}'], { groups: ['ops', 'dba'], team: 'Red' })).toEqual({
      groups: ['dba', 'ops', 'sso-red'],
      leftOut: [],
    });
  });

  it('that cannot be names are left out and told', () => {
    expect(groups(['dba', '{groups}', '{team}'], { groups: ['ok', 'Capital', 'a b', 7, { x: 1 }, ''] })).toEqual({
      groups: ['dba', 'ok', '7'],
      leftOut: [
        { template: '{groups}', value: 'Capital', why: 'no_group_name' },
        { template: '{groups}', value: 'a b', why: 'no_group_name' },
        { template: '{groups}', value: null, why: 'no_text' },
        { template: '{groups}', value: '', why: 'no_group_name' },
        { template: '{team}', value: null, why: 'claim_missing' },
      ],
    });
  });

  it('over the limit are left out and told; the first ones stay', () => {
    const many = Array.from({ length: 300 }, (_, index) => `g${index}`);
    const outcome = groups(['dba', '{groups}'], { groups: [...many, 'dba'] });
    expect(outcome).toHaveProperty('groups', ['dba', ...many.slice(0, GROUPS_MAX - 1)]);
    expect(outcome).toHaveProperty('leftOut.length', 300 - (GROUPS_MAX - 1));
    expect(outcome).toHaveProperty('leftOut.0', { template: '{groups}', value: 'g31', why: 'over_limit' });
  });

  it('of a claim that is an object instead of a list are left out', () => {
    expect(groups(['{groups}'], { groups: { dba: true } })).toEqual({
      groups: [],
      leftOut: [{ template: '{groups}', value: null, why: 'no_text' }],
    });
  });
});

describe('a rule', () => {
  it('that says what it can is taken', () => {
    expect(faultsOfRule(PERSON)).toEqual([]);
    expect(faultsOfRule(JOB)).toEqual([]);
    expect(faultsOfRule({ ...JOB, kind: 'service', roles: ['operator', 'reviewer'] })).toEqual([]);
  });

  it.each<[string, Partial<MappingRule>, readonly (string | number)[]]>([
    ['a brace is open', { principal: '{name' }, ['principal']],
    ['a claim has no name', { principal: 'x{}' }, ['principal']],
    ['there is no such filter', { principal: '{name|upper}' }, ['principal']],
    ['names cannot have its text', { principal: 'Agent-{name}' }, ['principal']],
    ['its text has a colon', { principal: 'other:{name}' }, ['principal']],
    ['nothing is between two claims', { principal: '{a}{b}' }, ['principal']],
    ['a person is to be an agent', { roles: ['agent'] }, ['roles']],
    ['an agent is to decide', { kind: 'agent', roles: ['agent', 'approver'] }, ['roles']],
    ['an agent is no agent', { kind: 'agent', roles: ['approver'] }, ['roles']],
    ['no group can be named so', { groups: ['dba', 'Security Team'] }, ['groups', 1]],
    ['a group has two claims', { groups: ['{a}-{b}'] }, ['groups', 0]],
    ['a brace of a group is open', { groups: ['{a'] }, ['groups', 0]],
  ])('is refused where %s', (_, change, path) => {
    expect(faultsOfRule({ ...PERSON, ...change }).map((fault) => fault.path)).toEqual([path]);
  });

  it('needs a provider that vouches for those it is about', () => {
    const uses = new Map<string, readonly ProviderUse[]>([
      ['corp', ['people']],
      ['ci', ['agents']],
      ['both', ['agents', 'people']],
    ]);
    expect(faultsOfMapping([PERSON, JOB, { ...PERSON, provider: 'both' }, { ...JOB, provider: 'both' }], uses)).toEqual(
      [],
    );
    expect(
      faultsOfMapping(
        [
          { ...PERSON, provider: 'ci' },
          { ...JOB, provider: 'corp' },
          { ...JOB, provider: 'gone' },
        ],
        uses,
      ).map(({ path }) => path.join('.')),
    ).toEqual(['rules.0.kind', 'rules.1.kind', 'rules.2.provider']);
  });
});

describe('the explanation', () => {
  it('says of each rule whether it fits, and of one that does not what was there', () => {
    const { outcome, rules } = explainMapping(
      [
        JOB,
        { ...PERSON, when: { groups: 'dba', 'a.b': true } },
        { ...PERSON, kind: 'agent', roles: ['agent'] },
        PERSON,
        PERSON,
      ],
      person({ preferred_username: 'kim', groups: ['dba', '\u202eops'] }),
      'people',
    );
    expect(outcome).toHaveProperty('principal.name', 'corp:kim');
    expect(outcome).toHaveProperty('principal.rule', 3);
    expect(rules).toEqual([
      { rule: 0, fits: false, misses: [{ about: 'provider', claim: null, wanted: '"ci"', found: '"corp"' }] },
      { rule: 1, fits: false, misses: [{ about: 'claim', claim: 'a.b', wanted: 'true', found: null }] },
      { rule: 2, fits: false, misses: [{ about: 'kind', claim: null, wanted: '"agent"', found: '["user"]' }] },
      { rule: 3, fits: true, misses: [] },
      { rule: 4, fits: true, misses: [] },
    ]);
  });

  it('writes out what hides in a value, and shortens long ones', () => {
    const rule = { ...PERSON, when: { a: 'x' } };
    const found = (value: string) => explainMapping([rule], person({ a: value }), 'people').rules[0]?.misses[0]?.found;
    expect(found('\u202ex')).toBe('"⟨U+202E⟩x"');
    expect(found('y'.repeat(10_000))).toBe(`"${'y'.repeat(199)}…`);
  });
});
