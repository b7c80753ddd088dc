import { expect, it } from 'vitest';
import { ENVELOPE_SCHEMAS, isEntryType } from '../../recording/entries/envelope-schema.js';
import { ENVELOPES } from '../../verifier/entry-shapes.js';

type Json = string | number | boolean | null | Json[] | JsonFields;
interface JsonFields {
  readonly [name: string]: Json;
}

const TIME = '2026-01-31T12:00:00.000000Z';
const chain = { seq: 7, prev: '0'.repeat(64), at: TIME, mono: 1.5 };
const bytes = { bytes: 3, kept: 3, sha256: 'a'.repeat(64), segment: 1, offset: 0 };
const of = { session: 1, operation: 2 };

/** One of each type, with all that it may have. */
const WHOLE: Readonly<Record<string, JsonFields>> = {
  'grant.opened': {
    format: 2,
    grant: 'g',
    principal: { id: 'p', name: 'ada', kind: 'agent' },
    sponsor: { name: 'grace', isClaim: true },
    task: { title: 'Repair', reference: 'SHOP-1' },
    target: { id: 't', name: 'shop', protocol: 'mysql', flavour: 'mariadb', version: '11' },
    taskAccount: 'dw',
    deadline: TIME,
    policyVersion: 'v',
    gateway: 'gateway-1',
    body: {},
  },
  'session.opened': {
    session: 1,
    client: { address: '::1', port: 1 },
    tls: { version: 'TLSv1.3', cipher: 'x' },
    body: {},
  },
  'session.refused': { client: { address: '::1', port: 1 }, code: 'c', detail: 'd' },
  'session.closed': { session: 1, reason: 'killed', code: 'c', detail: 'd' },
  operation: { ...of, name: 'n', verdict: 'hold', policies: ['p'], shape: 's', why: 'w', body: {} },
  note: { session: 1, name: 'COM_PING', body: {} },
  refused: { session: 1, name: 'n', code: 'c', payloadBytes: 0, head: '00ff' },
  'approval.asked': { ...of, approval: 'a', approvers: ['dba'], quorum: 1, expires: TIME, again: false },
  'approval.decided': {
    ...of,
    approval: 'a',
    outcome: 'denied',
    decisions: [{ by: 'b', decision: 'deny', reason: null, at: TIME, decidedWith: 'session:x' }],
    withdrawals: [{ by: 'c', reason: 'r', at: TIME, withdrawnWith: 'api-key:x' }],
    scope: 'once',
  },
  forwarded: { ...of, approval: 'a', given: ['UPDATE ON shop.orders'], body: {} },
  result: { ...of, name: 'n', outcome: 'error', durationUs: 0.5, request: bytes, response: bytes, body: {} },
  stream: { ...of, channel: 'stdout', direction: 'to-client', durationUs: 1, data: bytes, body: {} },
  'grant.closing': { reason: 'drained', by: 'ada' },
  'grant.closed': { reason: 'failed', interrupted: true, account: { state: 'none' }, body: {} },
};

const OTHERS: readonly Json[] = [
  null,
  true,
  0,
  1,
  -1,
  0.5,
  2 ** 53,
  '',
  'x',
  'allow',
  'withdrawn',
  TIME,
  [],
  ['x'],
  {},
];

/** The value without each of its fields, with one more, and with each replaced by values of other kinds. */
function* changesOf(value: Json): Generator<Json> {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) for (const changed of variantsOf(item)) yield value.with(at, changed);
    return;
  }
  yield { ...value, more: 1 };
  for (const [name, field] of Object.entries(value)) {
    const { [name]: _, ...others } = value;
    yield others;
    for (const changed of variantsOf(field)) yield { ...value, [name]: changed };
  }
}

function* variantsOf(value: Json): Generator<Json> {
  yield* OTHERS;
  yield* changesOf(value);
}

it('has every type of the format', () => {
  expect([...ENVELOPES.keys()].sort()).toEqual(Object.keys(ENVELOPE_SCHEMAS).sort());
  expect(Object.keys(WHOLE).sort()).toEqual(Object.keys(ENVELOPE_SCHEMAS).sort());
});

it.each(Object.keys(WHOLE))('takes of %s what the schema takes, and nothing else', (type) => {
  if (!isEntryType(type)) throw new Error(type);
  const whole: Json = { ...chain, type, ...WHOLE[type] };
  const differing: Json[] = [];
  let taken = 0;
  for (const line of [whole, ...changesOf(whole)]) {
    const bySchema = ENVELOPE_SCHEMAS[type].safeParse(line).success;
    const byShape = ENVELOPES.get(type)?.(line) === undefined;
    // Which type a line is of is read before its shape is looked at.
    if (bySchema !== byShape && typeOf(line) === type) differing.push(line);
    if (byShape) taken += 1;
  }
  expect(differing).toEqual([]);
  expect(taken).toBeGreaterThan(1);
});

function typeOf(line: Json): unknown {
  return typeof line === 'object' && line !== null && 'type' in line ? line['type'] : undefined;
}
