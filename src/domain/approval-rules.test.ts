import { describe, expect, it } from 'vitest';
import {
  type Answer,
  type Decider,
  type Deciding,
  jointScope,
  outcomeOf,
  refusalToDecide,
  scopeProblem,
  SHAPE_RUNS_MAX,
  usesMaxOf,
} from './approval-rules.js';

const asked: Deciding = {
  state: 'pending',
  isExpired: false,
  requesterId: 'bot',
  terms: { approvers: [], quorum: 1 },
  answers: [],
};
const ann: Decider = { id: 'ann', kind: 'user', roles: ['approver'], groups: ['dba'] };

function answer(principalId: string, groups: readonly string[] = [], decision: Answer['decision'] = 'approve'): Answer {
  return { principalId, groups, decision, scope: null };
}

describe('who may decide', () => {
  it('is any approver when no group is named', () => {
    expect(refusalToDecide(asked, ann)).toBeNull();
    expect(refusalToDecide(asked, { ...ann, groups: [] })).toBeNull();
  });

  it('is someone of the groups when some are named', () => {
    const terms = { approvers: ['dba', 'security'], quorum: 1 };
    expect(refusalToDecide({ ...asked, terms }, ann)).toBeNull();
    expect(refusalToDecide({ ...asked, terms }, { ...ann, groups: ['billing'] })).toBe('approval_not_an_approver');
  });

  it.each<[string, Partial<Decider>]>([
    ['a reviewer', { roles: ['reviewer'] }],
    ['an operator', { roles: ['operator'] }],
    ['an agent', { kind: 'agent', roles: ['agent'] }],
    ['a principal of the kind agent, whatever its roles', { kind: 'agent', roles: ['approver'] }],
    ['a service with the role agent beside approver', { kind: 'service', roles: ['agent', 'approver'] }],
  ])('is never %s', (_, changed) => {
    expect(refusalToDecide(asked, { ...ann, ...changed })).toBe('approval_not_an_approver');
  });

  it('is never who asked', () => {
    expect(refusalToDecide({ ...asked, requesterId: 'ann' }, ann)).toBe('approval_of_own_request');
  });

  it('is nobody a second time', () => {
    expect(refusalToDecide({ ...asked, answers: [answer('ann')] }, ann)).toBe('approval_answered_by_you');
    expect(refusalToDecide({ ...asked, answers: [answer('bob')] }, ann)).toBeNull();
  });

  it.each([
    ['approved', false, 'approval_already_decided'],
    ['denied', false, 'approval_already_decided'],
    ['timed-out', true, 'approval_timed_out'],
    ['pending', true, 'approval_timed_out'],
    ['cancelled', false, 'approval_cancelled'],
  ] as const)('is nobody once it is %s (time up: %s)', (state, isExpired, code) => {
    expect(refusalToDecide({ ...asked, state, isExpired }, ann)).toBe(code);
  });
});

describe('the outcome', () => {
  it('is approved when as many different people approved as the quorum asks for', () => {
    const terms = { approvers: [], quorum: 2 };
    expect(outcomeOf(terms, [])).toBe('pending');
    expect(outcomeOf(terms, [answer('ann')])).toBe('pending');
    expect(outcomeOf(terms, [answer('ann'), answer('ann')])).toBe('pending');
    expect(outcomeOf(terms, [answer('ann'), answer('bob')])).toBe('approved');
  });

  it('needs one of each group, who may be one person, and the whole quorum', () => {
    const terms = { approvers: ['dba', 'security'], quorum: 2 };
    expect(outcomeOf(terms, [answer('ann', ['dba']), answer('bob', ['dba'])])).toBe('pending');
    expect(outcomeOf(terms, [answer('ann', ['dba', 'security'])])).toBe('pending');
    expect(outcomeOf(terms, [answer('ann', ['dba', 'security']), answer('bob', ['dba'])])).toBe('approved');
    expect(outcomeOf({ ...terms, quorum: 1 }, [answer('ann', ['dba', 'security'])])).toBe('approved');
  });

  it('is denied by one denial, however many approved', () => {
    expect(outcomeOf({ approvers: [], quorum: 1 }, [answer('ann'), answer('bob', [], 'deny')])).toBe('denied');
  });

  it('never comes of nobody, whatever the quorum says', () => {
    expect(outcomeOf({ approvers: [], quorum: 0 }, [])).toBe('pending');
  });
});

describe('a scope', () => {
  const update = { kind: 'statement', hasShape: true, whyNoRowLimit: null } as const;
  const uncounted = { ...update, whyNoRowLimit: 'Nobody counts its rows.' } as const;

  it.each([
    { kind: 'once', rowsMax: null },
    { kind: 'once', rowsMax: 0 },
    { kind: 'shape', runsMax: 1, rowsMax: null },
    { kind: 'shape', runsMax: SHAPE_RUNS_MAX, rowsMax: 10 },
  ] as const)('fits: %o', (scope) => {
    expect(scopeProblem(update, 'approve', scope)).toBeNull();
  });

  it.each([
    ['a denial', update, 'deny', { kind: 'once', rowsMax: null }],
    ['a grant', { ...update, kind: 'grant' }, 'approve', { kind: 'once', rowsMax: null }],
    [
      'a statement without a shape',
      { ...update, hasShape: false },
      'approve',
      { kind: 'shape', runsMax: 1, rowsMax: null },
    ],
    ['no runs', update, 'approve', { kind: 'shape', runsMax: 0, rowsMax: null }],
    ['endless runs', update, 'approve', { kind: 'shape', runsMax: SHAPE_RUNS_MAX + 1, rowsMax: null }],
    ['half a row', update, 'approve', { kind: 'once', rowsMax: 0.5 }],
    ['rows of what counts none', uncounted, 'approve', { kind: 'once', rowsMax: 1 }],
  ] as const)('does not fit %s', (_, about, decision, scope) => {
    expect(scopeProblem(about, decision, scope)).not.toBeNull();
  });

  it('of several people reaches no further than each of theirs', () => {
    const wide = { kind: 'shape', runsMax: 10, rowsMax: null } as const;
    expect(jointScope([wide, { kind: 'shape', runsMax: 3, rowsMax: 5 }])).toEqual({
      kind: 'shape',
      runsMax: 3,
      rowsMax: 5,
    });
    expect(jointScope([wide, { kind: 'once', rowsMax: 7 }])).toEqual({ kind: 'once', rowsMax: 7 });
    expect(jointScope([wide, null])).toEqual({ kind: 'once', rowsMax: null });
    expect(jointScope([])).toEqual({ kind: 'once', rowsMax: null });
  });

  it('says how often it may be used', () => {
    expect(usesMaxOf({ kind: 'once', rowsMax: null })).toBe(1);
    expect(usesMaxOf({ kind: 'shape', runsMax: 7, rowsMax: null })).toBe(7);
  });
});
