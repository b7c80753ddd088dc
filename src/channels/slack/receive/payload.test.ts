import { describe, expect, it } from 'vitest';
import { approvalIdOf } from '../../../domain/ids.js';
import { openFormNote, sealFormNote, type FormSeal } from './form-note.js';
import { readPayload } from './payload.js';

const APPROVAL = approvalIdOf('01m7ytqk3v0r1zzw2c6m5t8h4d');
const seal: FormSeal = {
  sign: (name, text) => `${name}|${text}`,
  read: (name, signed) => (signed.startsWith(`${name}|`) ? signed.slice(name.length + 1) : undefined),
};
const READING = { seal, team: 'T1' };

const CLICK = {
  type: 'block_actions',
  team: { id: 'T1' },
  user: { id: 'U1', team_id: 'T1' },
  channel: { id: 'C1' },
  message: { ts: '1800000000.000100', text: 'whatever Slack likes' },
  trigger_id: '1.2.abc',
  response_url: 'https://hooks.slack.com/actions/T1/1/x',
  actions: [
    {
      action_id: 'approve',
      block_id: 'dw:1',
      value: JSON.stringify({ a: APPROVAL, r: 3 }),
      action_ts: '1800000001.5',
    },
  ],
};
const note = sealFormNote(
  { form: 'shape', approval: APPROVAL, revision: 3, channel: 'C1', message: '1800000000.000100' },
  seal,
);

function read(payload: unknown) {
  return readPayload(JSON.stringify(payload), READING);
}

function form(values: Readonly<Record<string, string | null>>, change: object = {}) {
  const all = Object.fromEntries(Object.entries(values).map(([field, value]) => [field, { [field]: { value } }]));
  const view = { id: 'V1', hash: '1.h', callback_id: 'shape', private_metadata: note, state: { values: all } };
  return { type: 'view_submission', team: CLICK.team, user: CLICK.user, view: { ...view, ...change } };
}

describe('a click', () => {
  it('says who approves what, where, and what makes it the same one', () => {
    expect(read(CLICK)).toEqual({
      kind: 'act',
      act: {
        account: { team: 'T1', user: 'U1' },
        same: ['click', 'T1', 'U1', '1800000001.5', 'approve', 'dw:1'],
        asked: { kind: 'approve', approval: APPROVAL, revision: 3, scope: 'offered', reason: null },
        place: { channel: 'C1', message: '1800000000.000100', responseUrl: CLICK.response_url },
        trigger: '1.2.abc',
      },
    });
  });

  it('of anybody or anything of another workspace is of that one', () => {
    const ofTeam = (team: unknown, home: unknown) => {
      const outcome = read({ ...CLICK, team, user: { id: 'U1', team_id: home } });
      return outcome.kind === 'act' ? outcome.act.account.team : outcome.kind;
    };
    expect(ofTeam({ id: 'T1' }, 'T2')).toBe('T2');
    expect(ofTeam({ id: 'T2' }, 'T1')).toBe('T2');
    expect(ofTeam(null, 'T1')).toBe('T1');
    expect(ofTeam({ id: 'T1' }, undefined)).toBe('T1');
    expect(ofTeam(null, undefined)).not.toBe('T1');
  });

  it('on a link needs nothing', () => {
    expect(read({ ...CLICK, actions: [{ action_id: 'open', action_ts: '1.5' }] })).toEqual({ kind: 'nothing' });
  });

  it.each([
    ['two buttons', { actions: [CLICK.actions[0], CLICK.actions[0]] }],
    ['no button', { actions: [] }],
    ['a button that there is not', { actions: [{ ...CLICK.actions[0], action_id: 'revoke' }] }],
    ['no user', { user: {} }],
    ['a user with an odd id', { user: { id: 'U1/../U2' } }],
    ['no trigger', { trigger_id: undefined }],
    ['another type', { type: 'shortcut' }],
    ['a value with more in it', { actions: [{ ...CLICK.actions[0], value: `{"a":"${APPROVAL}","r":1,"as":"U2"}` }] }],
    ['a value with half a revision', { actions: [{ ...CLICK.actions[0], value: `{"a":"${APPROVAL}","r":1.5}` }] }],
  ])('with %s is none', (_what, change) => {
    expect(read({ ...CLICK, ...change })).toEqual({ kind: 'invalid' });
  });

  it('that is no JSON, or JSON of something else, is none', () => {
    for (const text of ['', '{', 'null', '[]', '"block_actions"']) {
      expect(readPayload(text, READING), text).toEqual({ kind: 'invalid' });
    }
  });
});

describe('a form', () => {
  it('approves a shape within its bounds', () => {
    expect(read(form({ runs: '20', rows: '', reason: ' The same ticket ' }))).toMatchObject({
      kind: 'act',
      act: {
        asked: {
          kind: 'approve',
          approval: APPROVAL,
          revision: 3,
          scope: { kind: 'shape', runsMax: 20, rowsMax: null },
          reason: 'The same ticket',
        },
        same: ['form', 'T1', 'U1', 'V1', '1.h'],
      },
    });
  });

  it.each([
    [{ runs: '0' }, 'runs'],
    [{ runs: '1001' }, 'runs'],
    [{ runs: '1e3' }, 'runs'],
    [{ runs: null }, 'runs'],
    [{ runs: '1', rows: '-1' }, 'rows'],
    [{ runs: '1', rows: '1.5' }, 'rows'],
    [{ runs: '1', reason: 'two\nlines' }, 'reason'],
    [{ runs: '1', reason: 'x'.repeat(1_001) }, 'reason'],
  ])('with %j is shown again', (values: Readonly<Record<string, string | null>>, field) => {
    expect(read(form(values))).toEqual({ kind: 'errors', errors: { [field]: expect.any(String) } });
  });

  it('that the broker has not opened is none', () => {
    const other = sealFormNote(
      { form: 'deny', approval: APPROVAL, revision: 3, channel: null, message: null },
      { ...seal, sign: (_name, text) => text },
    );
    for (const change of [{ private_metadata: other }, { private_metadata: '' }, { callback_id: 'deny' }]) {
      expect(read(form({ runs: '1' }, change))).toEqual({ kind: 'invalid' });
    }
  });

  it('carries what it is about, and not who fills it in', () => {
    expect(openFormNote(note, seal)).toEqual({
      form: 'shape',
      approval: APPROVAL,
      revision: 3,
      channel: 'C1',
      message: '1800000000.000100',
    });
    expect(note).not.toContain('U1');
  });
});
