import { expect, it } from 'vitest';
import { newPrincipalId, newTargetId } from '../../domain/ids.js';
import type { ProtocolValue } from '../../domain/protocol-value.js';
import type { TargetRow } from '../../persistence/entities/grants/target.js';
import type { PolicyReader } from '../../persistence/policies/policy-reader.js';
import type { PolicySet } from '../../policy/policy-set.js';
import type { GrantRules } from '../../protocol/grant-rules.js';
import type { PolicyQuestions } from '../../protocol/policy-questions.js';
import type { KnownProtocols } from '../modules/known-protocols.js';
import { TargetAsking } from './target-asking.js';

const agent = { id: newPrincipalId(), name: 'bot', kind: 'agent' } as const;
const rooms = ['lobby', 'cellar', 'attic', 'roof'].map((room) => ({ room }));

function target(changed: Partial<TargetRow> = {}): TargetRow {
  return {
    id: newTargetId(),
    name: 'house',
    protocol: 'echo',
    revision: 1,
    host: 'echo.example',
    port: 7,
    tls: { mode: 'verify-identity' },
    credentials: 'dynamic',
    username: 'provisioner',
    sealedPassword: 'a JWE',
    defaultDatabase: null,
    labels: {},
    limits: { ttlSecondsMax: 600, sessionsMax: 4 },
    report: { flavour: 'echo', version: '1', tls: null, checkedAt: '2026-01-01T00:00:00Z' },
    createdAtMs: 0,
    lastLook: null,
    ...changed,
  };
}

/** Asks policies that allow everything, and counts how often the statements were looked at, and by how many rules. */
function countingAsking() {
  const looks: number[] = [];
  const state = { version: 'v1' };
  const judge: PolicySet['judge'] = () => ({ verdict: 'allow', policies: [], hold: null, why: '' });
  const grants: Pick<GrantRules, 'plan' | 'widest' | 'inWords'> = {
    plan: () => ({ access: [{ room: 'lobby' }], database: null }),
    widest: () => rooms,
    inWords: (rule) => JSON.stringify(rule),
  };
  const policies: Pick<PolicyQuestions, 'grantCase' | 'outlook'> = {
    grantCase: (subject) => ({ ...subject, questions: [], reasons: () => [] }),
    outlook: ({ access }: { readonly access: readonly ProtocolValue[] }) => {
      looks.push(access.length);
      return { words: 'Runs at once.', access, mayWait: false, holdSeconds: null };
    },
  };
  const reader = { read: () => Promise.resolve({ version: state.version, judge }) };
  const known = { find: (name: string) => (name === 'echo' ? { grants, policies } : undefined) };
  const asking = new TargetAsking(reader as unknown as PolicyReader, known as unknown as KnownProtocols);
  return { asking, looks, state };
}

it('looks at the statements of few rules, and not again until the policies or the target are others', async () => {
  const { asking, looks, state } = countingAsking();
  const house = target();
  const [first] = await asking.of(agent, [house]);
  expect(first?.everything?.access).toEqual(rooms);
  expect(first?.words).toContain('by the first 3 of these');
  expect(await asking.of(agent, [house])).toEqual([first]);
  expect(looks).toEqual([3]);
  await asking.of({ ...agent, id: newPrincipalId() }, [house]);
  await asking.of(agent, [{ ...house, revision: 2 }]);
  state.version = 'v2';
  await asking.of(agent, [house]);
  expect(looks).toHaveLength(4);
});

it('says nothing of a target that nobody has looked at, or whose protocol is unknown', async () => {
  const { asking } = countingAsking();
  expect(await asking.of(agent, [target({ report: null }), target({ protocol: 'gopher' })])).toEqual([null, null]);
});
