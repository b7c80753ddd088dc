import { describe, expect, it } from 'vitest';
import {
  type Answer,
  type Decider,
  type Deciding,
  jointScope,
  outcomeOf,
  refusalToDecide,
  refusalToWithdraw,
  scopeProblem,
  SHAPE_RUNS_MAX,
  usesMaxOf,
  whoDecides,
} from './approval-rules.js';
import { personBehind } from './identity/person.js';

const NOW_MS = 1_000_000_000;
const asked: Deciding = {
  state: 'pending',
  isExpired: false,
  requesterId: 'bot',
  sponsors: [],
  terms: { approvers: [], quorum: 1, decideIn: 'anywhere', reauthenticateSeconds: null },
  answers: [],
  nowMs: NOW_MS,
};
const ann: Decider = {
  id: 'ann',
  kind: 'user',
  roles: ['approver'],
  groups: ['dba'],
  person: personBehind(
    [
      { id: 'ann', name: 'ann', email: null },
      { id: 'ann-2', name: 'okta:ann.smith', email: null },
    ],
    [{ subject: '00u1', email: 'ann@example.com' }],
  ),
  session: null,
};

function answer(principalId: string, groups: readonly string[] = [], decision: Answer['decision'] = 'approve'): Answer {
  return { principalId, personId: principalId, groups, decision, scope: null };
}

describe('who may decide', () => {
  it('is any approver when no group is named', () => {
    expect(refusalToDecide(asked, ann)).toBeNull();
    expect(refusalToDecide(asked, { ...ann, groups: [] })).toBeNull();
  });

  it('is someone of the groups when some are named', () => {
    const terms = { ...asked.terms, approvers: ['dba', 'security'] };
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

  it('is never who asked as another principal', () => {
    expect(refusalToDecide({ ...asked, requesterId: 'ann-2' }, ann)).toBe('approval_of_own_request');
  });

  it.each(['ann', 'okta:ann.smith', 'ANN@example.com', '00u1'])(
    'is never who answers for the agent, called %s',
    (name) => {
      const sponsors = [
        { name: 'bob', isClaim: false },
        { name, isClaim: true },
      ];
      expect(refusalToDecide({ ...asked, sponsors }, ann)).toBe('approval_of_own_request');
    },
  );

  it('is somebody else than the sponsor', () => {
    expect(refusalToDecide({ ...asked, sponsors: [{ name: 'bob', isClaim: true }] }, ann)).toBeNull();
  });

  it.each(['ann', 'ann-2'])('is nobody a second time, also as another principal (%s)', (id) => {
    expect(refusalToDecide({ ...asked, answers: [answer(id)] }, ann)).toBe('approval_answered_by_you');
    expect(refusalToDecide({ ...asked, answers: [answer('bob')] }, ann)).toBeNull();
  });

  it.each([
    ['approved', false, 'approval_already_decided'],
    ['denied', false, 'approval_already_decided'],
    ['timed-out', true, 'approval_timed_out'],
    ['pending', true, 'approval_timed_out'],
    ['cancelled', false, 'approval_cancelled'],
    ['withdrawn', false, 'approval_withdrawn'],
  ] as const)('is nobody once it is %s (time up: %s)', (state, isExpired, code) => {
    expect(refusalToDecide({ ...asked, state, isExpired }, ann)).toBe(code);
  });
});

describe('how they are known', () => {
  const web: Deciding = { ...asked, terms: { ...asked.terms, decideIn: 'web' } };
  const fresh: Deciding = { ...asked, terms: { ...asked.terms, reauthenticateSeconds: 900 } };

  it('does not matter when the policy says nothing of it', () => {
    expect(refusalToDecide(asked, { ...ann, session: { signedInAtMs: 0 } })).toBeNull();
  });

  it('is by a session, whenever it began, where the policy wants the page', () => {
    expect(refusalToDecide(web, ann)).toBe('approval_web_only');
    expect(refusalToDecide(web, { ...ann, session: { signedInAtMs: null } })).toBeNull();
    expect(refusalToDecide(web, { ...ann, session: { signedInAtMs: 0 } })).toBeNull();
  });

  it('is by a sign-in of late where the policy wants one, and by no key', () => {
    expect(refusalToDecide(fresh, ann)).toBe('reauthentication_required');
    expect(refusalToDecide(fresh, { ...ann, session: { signedInAtMs: null } })).toBe('reauthentication_required');
    expect(refusalToDecide(fresh, { ...ann, session: { signedInAtMs: NOW_MS - 900_001 } })).toBe(
      'reauthentication_required',
    );
    expect(refusalToDecide(fresh, { ...ann, session: { signedInAtMs: NOW_MS - 900_000 } })).toBeNull();
    expect(refusalToDecide(fresh, { ...ann, session: { signedInAtMs: NOW_MS + 1000 } })).toBeNull();
    expect(refusalToDecide(fresh, { ...ann, session: { signedInAtMs: NOW_MS + 900_001 } })).toBe(
      'reauthentication_required',
    );
  });

  it('is told last: a new sign-in helps only who can decide then', () => {
    const both = { ...web.terms, reauthenticateSeconds: 900 };
    expect(refusalToDecide({ ...asked, terms: both }, ann)).toBe('approval_web_only');
    expect(refusalToDecide({ ...asked, terms: both, requesterId: 'ann' }, ann)).toBe('approval_of_own_request');
    expect(refusalToDecide({ ...asked, terms: both, isExpired: true }, ann)).toBe('approval_timed_out');
  });

  it('is part of what an answer is good for, and terms without it are told as ever', () => {
    const terms = {
      ...web.terms,
      holdSeconds: 1,
      inTransaction: 'hold',
      transactionHoldSeconds: 1,
      warning: null,
      slackChannels: [],
    } as const;
    expect(whoDecides({ ...terms, decideIn: 'anywhere' })).toEqual([[], 1]);
    expect(whoDecides(terms)).toEqual([[], 1, 'web', null]);
    expect(whoDecides({ ...terms, decideIn: 'anywhere', reauthenticateSeconds: 60 })).toEqual([[], 1, 'anywhere', 60]);
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

  it('counts the answers of one person once, also those of two principals', () => {
    const terms = { approvers: [], quorum: 2 };
    const second = { ...answer('ann-2'), personId: 'ann' };
    expect(outcomeOf(terms, [answer('ann'), second])).toBe('pending');
    expect(outcomeOf(terms, [answer('ann'), second, answer('bob')])).toBe('approved');
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

describe('to take an approval back', () => {
  const given = { state: 'approved', isExpired: false, isUsedUp: false, isOwn: true } as const;

  it('is for the one who gave it, whether others must still approve or it is approved, until its last use', () => {
    expect(refusalToWithdraw(given)).toBeNull();
    expect(refusalToWithdraw({ ...given, isExpired: true })).toBeNull();
    expect(refusalToWithdraw({ ...given, state: 'pending' })).toBeNull();
    expect(refusalToWithdraw({ ...given, isOwn: false })).toBe('approval_not_given_by_you');
    expect(refusalToWithdraw({ ...given, isUsedUp: true })).toBe('approval_already_used');
  });

  it.each([
    ['pending', 'approval_timed_out'],
    ['timed-out', 'approval_timed_out'],
    ['denied', 'approval_already_decided'],
    ['cancelled', 'approval_cancelled'],
    ['withdrawn', 'approval_withdrawn'],
  ] as const)('is too late when it is %s and its time is up', (state, code) => {
    expect(refusalToWithdraw({ ...given, state, isExpired: true })).toBe(code);
  });
});
