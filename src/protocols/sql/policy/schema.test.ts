import { checkParseContext, checkParseEntities, schemaToJson } from '@cedar-policy/cedar-wasm/nodejs';
import { describe, expect, it } from 'vitest';
import { STATEMENT_ACTIONS, TABLE_ACTIONS } from '../statement.js';
import { entitiesOf } from '../../../policy/cedar-entities.js';
import { schemaOf } from '../../../policy/schema.js';
import { placeOf, type ResourcePlace } from './places.js';
import { contextOf, grantQuestionsOf } from './questions.js';
import { ACTION_GROUPS } from './schema.js';
import { SQL_VOCABULARY } from './vocabulary.js';
import { BOT, sceneOf } from './scenes.fixture.js';

const POLICY_SCHEMA = schemaOf([SQL_VOCABULARY]);

describe('the facts that are told', () => {
  it('fit the schema, so that no policy that was valid fails on them', () => {
    const scene = sceneOf({
      functions: ['count'],
      unknownFunctions: [{ database: 'shop', name: 'f' }],
      flags: ['returning'],
      triggers: ['shop.audit'],
    });
    const contexts = [
      ...STATEMENT_ACTIONS.map((action) => ({ action, context: contextOf(scene) })),
      ...grantQuestionsOf({ ...BOT, ttlSeconds: 60, access: [{ database: 'shop', privileges: ['SELECT'] }] }),
    ];
    for (const { action, context } of contexts) {
      const told = JSON.parse(JSON.stringify({ ...context, approved: true }));
      const uid = { type: 'Action', id: action };
      expect(checkParseContext({ context: told, schema: POLICY_SCHEMA, action: uid })).toEqual({ type: 'success' });
      const withoutOne = Object.fromEntries(Object.entries(told).slice(1));
      expect(
        checkParseContext({ context: JSON.parse(JSON.stringify(withoutOne)), schema: POLICY_SCHEMA, action: uid }).type,
      ).toBe('failure');
    }
  });

  it.each<readonly [string, ResourcePlace]>([
    ['shop-db', { kind: 'target' }],
    ['shop-db/shop', { kind: 'database', database: 'shop' }],
    ['shop-db/shop.orders', { kind: 'table', database: 'shop', table: 'orders' }],
  ])('are about places that fit it too: %s', (id, place) => {
    const entities = [...entitiesOf(BOT, placeOf(BOT.target, place), true)];
    expect(entities[1]?.uid).toMatchObject({ id });
    expect(checkParseEntities({ entities, schema: POLICY_SCHEMA })).toEqual({ type: 'success' });
  });

  it('are in the groups of actions that the schema says', () => {
    const schema = schemaToJson(POLICY_SCHEMA);
    const actions = schema.type === 'success' ? schema.json['']?.actions : undefined;
    for (const [action, groups] of Object.entries(ACTION_GROUPS)) {
      expect(actions?.[action]?.memberOf?.map(({ id }) => id)).toEqual(groups);
    }
    expect(Object.keys(ACTION_GROUPS)).toEqual(expect.arrayContaining([...STATEMENT_ACTIONS, ...TABLE_ACTIONS]));
  });
});
