import { expect, it } from 'vitest';
import { DEFAULT_POLICY_NAME, DEFAULT_POLICY_TEXT } from './default-bundle.js';
import { outlookOf } from './outlook.js';
import { BOT, policySetOf } from './scenes.fixture.js';

const DEFAULT = policySetOf([{ name: DEFAULT_POLICY_NAME, text: DEFAULT_POLICY_TEXT }]);

it('says what runs at once, what waits, what depends on the statement and what never runs', () => {
  const outlook = outlookOf(DEFAULT, BOT, [
    { database: 'shop', privileges: ['SELECT', 'UPDATE', 'DROP'] },
    { database: 'mysql', tables: ['user'], privileges: ['SELECT'] },
  ]);
  expect(outlook).toEqual({
    access: [
      { database: 'shop', runsAtOnce: ['SELECT'], waits: ['UPDATE'], depends: ['DROP'], neverRuns: [] },
      { database: 'mysql', tables: ['user'], runsAtOnce: [], waits: [], depends: [], neverRuns: ['SELECT'] },
    ],
    holdSeconds: 600,
  });
});

it('of policies that name a table it depends on the table', () => {
  const policies = policySetOf([
    {
      name: 'own',
      text: `permit (principal, action == Action::"read", resource);
@id("secret") @why("Secret.") forbid (principal, action == Action::"read", resource == Table::"shop-db/shop.secret");`,
    },
  ]);
  expect(outlookOf(policies, BOT, [{ database: 'shop', privileges: ['SELECT'] }]).access).toMatchObject([
    { depends: ['SELECT'] },
  ]);
  expect(outlookOf(policies, BOT, [{ database: 'shop', tables: ['orders'], privileges: ['SELECT'] }])).toMatchObject({
    access: [{ runsAtOnce: ['SELECT'] }],
    holdSeconds: null,
  });
});

it('asks the policies no more than so often, and leaves the rest open', () => {
  const tables = Array.from({ length: 20 }, (_, index) => `t${index}`);
  const access = Array.from({ length: 20 }, (_, index) => ({
    database: `d${index}`,
    tables,
    privileges: ['SELECT', 'UPDATE', 'DROP', 'ALTER'] as const,
  }));
  const outlook = outlookOf(DEFAULT, BOT, access);
  expect(outlook.access.at(-1)).toMatchObject({ depends: ['SELECT', 'UPDATE', 'DROP', 'ALTER'] });
});
