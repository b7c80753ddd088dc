import { describe, expect, it } from 'vitest';
import type { Access } from '../access.js';
import { type Privilege, PRIVILEGES } from '../privilege.js';
import { DEFAULT_POLICY_TEXT } from './default-bundle.js';
import { BOT, policySetOf } from './scenes.fixture.js';
import { standingAccess } from './standing.js';

const TABLES = ['orders', 'items', 'secrets'];
const ROWS: readonly Privilege[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];

function standing(text: string, access: readonly Access[], tables: readonly string[] = TABLES): readonly Access[] {
  return standingAccess(policySetOf([{ name: 'p', text }]), BOT, access, () => tables);
}

const READS = 'permit(principal, action == Action::"read", resource);';
const WHOLE: Access = { database: 'shop', privileges: ROWS };
const NAMED: Access = { database: 'shop', tables: ['orders', 'secrets'], privileges: ROWS };

describe('standing access', () => {
  it('is all that was asked for where everything is permitted', () => {
    const everything: readonly Access[] = [{ database: 'shop', privileges: [...PRIVILEGES] }, NAMED];
    expect(standing('permit(principal, action, resource);', everything)).toEqual(everything);
  });

  it('is nothing where nothing is permitted, or only once approved', () => {
    expect(standing('', [WHOLE, NAMED])).toEqual([]);
    expect(standing('permit(principal, action, resource) when { context.approved };', [WHOLE])).toEqual([]);
  });

  it('under the default policies is reading', () => {
    const all = standing(DEFAULT_POLICY_TEXT, [{ database: 'shop', privileges: [...PRIVILEGES] }, NAMED]);
    expect(all).toEqual([
      { database: 'shop', privileges: ['SELECT', 'SHOW VIEW'] },
      { database: 'shop', tables: ['orders', 'secrets'], privileges: ['SELECT'] },
    ]);
  });

  it('leaves out a privilege of which some use is held', () => {
    const narrow = 'permit(principal, action == Action::"update", resource) when { context.whereNamesColumn };';
    expect(standing(READS + narrow, [WHOLE])).toEqual([{ database: 'shop', privileges: ['SELECT'] }]);
    const outside = 'forbid(principal, action == Action::"read", resource) when { context.inTransaction };';
    expect(standing(READS + outside, [WHOLE])).toEqual([]);
    const inShop = 'permit(principal, action == Action::"read", resource) when { context.database == "shop" };';
    expect(standing(inShop, [WHOLE])).toEqual([]);
  });

  it('leaves out INSERT and DELETE where REPLACE may not run', () => {
    const most = 'permit(principal, action in [Action::"insert", Action::"update", Action::"delete"], resource);';
    expect(standing(most, [WHOLE])).toEqual([{ database: 'shop', privileges: ['UPDATE'] }]);
  });

  it('is on tables by name where a policy speaks of one that is there', () => {
    const secret = 'forbid(principal, action, resource == Table::"shop-db/shop.secrets");';
    const byName = [{ database: 'shop', tables: ['orders', 'items'], privileges: ['SELECT'] }];
    expect(standing(READS + secret, [WHOLE])).toEqual(byName);
    expect(standing(READS + secret, [NAMED])).toEqual([
      { database: 'shop', tables: ['orders'], privileges: ['SELECT'] },
    ]);
  });

  it('is on tables by name where a policy speaks of one that may come', () => {
    const coming = 'forbid(principal, action, resource == Table::"shop-db/shop.audit%2Elog");';
    expect(standing(READS + coming, [WHOLE])).toEqual([{ database: 'shop', tables: TABLES, privileges: ['SELECT'] }]);
    const elsewhere = 'forbid(principal, action, resource == Table::"shop-db/hr.secrets");';
    expect(standing(READS + elsewhere, [WHOLE])).toEqual([{ database: 'shop', privileges: ['SELECT'] }]);
  });

  it('is on tables by name where policies look at names', () => {
    const like = 'forbid(principal, action, resource is Table) when { resource.name like "secret*" };';
    expect(standing(READS + like, [WHOLE])).toEqual([
      { database: 'shop', tables: ['orders', 'items'], privileges: ['SELECT'] },
    ]);
  });

  it('of what can only be given on a whole database is that or nothing', () => {
    const access: Access = { database: 'shop', privileges: ['EXECUTE', 'LOCK TABLES', 'EVENT'] };
    const code = 'permit(principal, action == Action::"execute", resource in Database::"shop-db/shop");';
    expect(standing(code, [access])).toEqual([{ database: 'shop', privileges: ['EXECUTE'] }]);
    const locks = 'permit(principal, action == Action::"lock", resource == Table::"shop-db/shop.orders");';
    expect(standing(locks, [access])).toEqual([]);
  });
});
