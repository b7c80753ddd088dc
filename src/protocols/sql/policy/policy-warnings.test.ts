import { describe, expect, it } from 'vitest';
import { policyWarnings } from '../../../policy/policy-warnings.js';
import { SQL_VOCABULARY } from './vocabulary.js';

const VOCABULARIES = [SQL_VOCABULARY];

function warningsOf(text: string, others: readonly string[] = []) {
  const beside = others.map((other, index) => ({ name: `other-${index}`, text: other }));
  return policyWarnings({ name: 'draft', text }, beside, VOCABULARIES);
}

describe('a policy that permits what is not understood', () => {
  it.each([
    'permit (principal, action, resource);',
    'permit (principal, action == Action::"unknown", resource);',
    'permit (principal, action in Action::"unclear", resource in Target::"shop");',
    'permit (principal, action in Action::"operation", resource);',
    'permit (principal, action in [Action::"read", Action::"statement"], resource) when { context.parts == 1 };',
    'permit (principal, action in Action::"statement", resource) when { context.unparsed };',
    'permit (principal, action in Action::"statement", resource) when { context.approved || context.hasWhere };',
    'permit (principal, action in Action::"statement", resource) unless { !context.unparsed };',
  ])('is warned of: %s', (text) => {
    expect(warningsOf(text)).toMatchObject([{ policy: 'draft#0', line: 1, code: 'permits-unparsed' }]);
  });

  it.each([
    'forbid (principal, action, resource);',
    'permit (principal, action == Action::"read", resource);',
    'permit (principal, action in Action::"request", resource);',
    'permit (principal, action, resource) when { context.approved };',
    'permit (principal, action in Action::"statement", resource) when { !context.unparsed && context.hasWhere };',
    'permit (principal, action in Action::"statement", resource) when { context.unparsed == false };',
    'permit (principal, action in Action::"statement", resource) unless { context.unparsed };',
    'permit (principal, action in Action::"statement", resource) when { context.hasWhere } when { !context.unparsed };',
    'permit (principal, action in Action::"operation", resource) when { (context has unparsed && context.approved) || !context.unparsed };',
  ])('is another: %s', (text) => {
    expect(warningsOf(text)).toEqual([]);
  });

  it('says in which line it begins and by which id', () => {
    const text =
      '// first\n@id("reads")\npermit (principal, action == Action::"read", resource);\n\n@id("all")\npermit (principal, action, resource);';
    expect(warningsOf(text)).toMatchObject([{ policy: 'draft#all', line: 5 }]);
  });

  it('is none where another policy forbids all of it for everybody', () => {
    const all = 'permit (principal, action, resource);';
    expect(
      warningsOf(all, ['forbid (principal, action, resource) when { context.unparsed } unless { context.approved };']),
    ).toEqual([]);
    expect(
      warningsOf(all, [
        'forbid (principal, action in Action::"operation", resource) when { context.unparsed || context.parts != 1 };',
      ]),
    ).toEqual([]);
    const narrow = [
      'forbid (principal, action, resource in Target::"shop") when { context.unparsed };',
      'forbid (principal, action == Action::"unknown", resource) when { context.unparsed };',
      'forbid (principal, action, resource) when { context.unparsed && context.hasWhere };',
    ];
    expect(warningsOf(all, narrow)).toHaveLength(1);
  });

  it('is in none of the policies that a broker begins with', () => {
    for (const { defaults } of VOCABULARIES) expect(policyWarnings(defaults, [], VOCABULARIES)).toEqual([]);
  });
});
