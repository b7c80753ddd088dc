import { describe, expect, it } from 'vitest';
import { connectionDatabase } from './connection.js';

const on = (database: string) => ({ database, privileges: ['SELECT'] as const });

describe('the database a connection starts in', () => {
  it("is the target's default database when the access reaches it", () => {
    expect(connectionDatabase([on('crm'), on('shop')], 'shop')).toBe('shop');
  });

  it('is the first database of the access when the default one is out of reach', () => {
    expect(connectionDatabase([on('crm')], 'shop')).toBe('crm');
    expect(connectionDatabase([on('crm')], null)).toBe('crm');
  });

  it('is none when there is no access', () => {
    expect(connectionDatabase([], 'shop')).toBeNull();
  });
});
