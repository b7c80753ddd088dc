import { describe, expect, it } from 'vitest';
import { CedarPolicies } from '../../../policy/cedar-policies.js';
import { parsePolicies } from '../../../policy/policy-parse.js';
import { sightOf } from '../../../policy/policy-sight.js';
import { actionGroupsOf } from '../../../policy/schema.js';
import type { Question } from '../../../policy/vocabulary.js';
import { statementCase, type StatementScene } from './questions.js';
import { sceneOf } from './scenes.fixture.js';
import { SQL_VOCABULARY } from './vocabulary.js';

const TEXT = `permit (principal, action == Action::"read", resource) when { context.whereNamesColumn && !context.unparsed };
forbid (principal, action, resource) when { resource.hasTag("tier") && resource.getTag("tier") == "closed" };
permit (principal, action == Action::"update", resource) when { context.approved && principal.name == "bot" };`;

function cedar(): CedarPolicies {
  const policies = parsePolicies({ name: 'p', text: TEXT });
  return new CedarPolicies({
    version: 'of-this-test',
    policies,
    sight: sightOf(policies.map(({ json }) => json)),
    actionGroups: actionGroupsOf([SQL_VOCABULARY]),
  });
}

function questionOf(scene: StatementScene): Question {
  const [question] = statementCase(scene).questions;
  if (question === undefined) throw new Error('A statement asks something');
  return question;
}

const READ = sceneOf({ where: 'column' });

describe('Cedar is asked once', () => {
  it('for statements of new shapes that differ in nothing that it is told: other columns, other functions, another count', () => {
    const policies = cedar();
    for (let count = 0; count < 50; count += 1) {
      const columns = [`c${count}`, `d${count}`];
      const scene = sceneOf({ where: 'column', columns, functions: [`f${count}`], hasLimit: count % 2 === 0 });
      expect(policies.ask(scene, questionOf(scene)).verdict).toBe('allow');
    }
    expect(policies.answerCount).toBe(1);
  });

  it('and again for whatever it is told otherwise, and its answer is the one for that', () => {
    const policies = cedar();
    const { principal, target } = READ;
    const scenes: readonly (readonly [StatementScene, 'allow' | 'deny' | 'hold'])[] = [
      [READ, 'allow'],
      [sceneOf({ where: 'none' }), 'deny'],
      [sceneOf({ where: 'column', notUnderstood: 'odd' }), 'deny'],
      [{ ...READ, target: { ...target, labels: { tier: 'closed' } } }, 'deny'],
      [{ ...READ, target: { ...target, name: 'other' } }, 'allow'],
      [{ ...READ, principal: { ...principal, name: 'other' } }, 'allow'],
      [updateOf(READ), 'hold'],
      [{ ...updateOf(READ), principal: { ...principal, name: 'other' } }, 'deny'],
      [sceneOf({ where: 'column', tables: [{ database: 'shop', table: 'x', action: 'read', by: 'text' }] }), 'allow'],
    ];
    for (let times = 0; times < 2; times += 1) {
      for (const [scene, verdict] of scenes) {
        expect(policies.ask(scene, questionOf(scene)).verdict).toBe(verdict);
      }
    }
    expect(policies.answerCount).toBe(scenes.length);
  });
});

function updateOf(scene: StatementScene): StatementScene {
  const tables = scene.facts.tables.map((use) => ({ ...use, action: 'update' as const }));
  return { ...scene, facts: { ...scene.facts, kind: 'update', action: 'update', tables } };
}
