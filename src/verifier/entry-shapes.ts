import { reference } from './references.js';
import {
  anyFields,
  count,
  duration,
  fields,
  flag,
  hex,
  is,
  listOf,
  looseFields,
  number,
  ordinal,
  orNull,
  text,
  time,
  type Shape,
} from './shape.js';

/**
 * The envelopes of format 2, and of format 1 what the chain, the counts and the references need. docs/recording-format.md
 * has the fields in words.
 */

const chain = { seq: ordinal, prev: text, at: time, mono: number };
const body = { body: anyFields };
const reason = is('completed', 'expired', 'revoked', 'drained', 'failed');
const outcome = is('ok', 'error', 'unknown');
const principal = fields({ id: text, name: text, kind: text });
const task = fields({ title: text }, { reference: text });
const client = fields({ address: text, port: count });
const tls = orNull(fields({ version: text, cipher: text }));
const operation = { session: ordinal, operation: ordinal };
const decision = fields(
  { by: text, decision: is('approve', 'deny'), reason: orNull(text), at: time },
  { decidedWith: text },
);

const withdrawal = fields({ by: text, reason: text, at: time, withdrawnWith: text });

/** What every line has, whatever its format. */
const chained = looseFields(chain);

export const ENVELOPES: ReadonlyMap<string, Shape> = new Map(
  Object.entries({
    'grant.opened': of(
      {
        format: is(2),
        grant: text,
        principal,
        task,
        target: fields({ id: text, name: text, protocol: text, flavour: text, version: text }),
        taskAccount: orNull(text),
        deadline: time,
        policyVersion: orNull(text),
        gateway: text,
      },
      { sponsor: fields({ name: text, isClaim: flag }), ...body },
    ),
    'session.opened': of({ session: ordinal, client, tls }, body),
    'session.refused': of({ client, code: text }, { detail: text }),
    'session.closed': of(
      {
        session: ordinal,
        reason: is('client-quit', 'client-gone', 'target-gone', 'grant-closed', 'killed', 'refused', 'failed'),
      },
      { code: text, detail: text },
    ),
    operation: of(
      {
        ...operation,
        name: text,
        verdict: is('allow', 'hold', 'deny'),
        policies: listOf(text),
        shape: orNull(text),
      },
      { why: text, ...body },
    ),
    note: of({ session: ordinal, name: text }, body),
    refused: of({ session: ordinal, name: text, code: text, payloadBytes: count, head: hex }),
    'approval.asked': of({
      ...operation,
      approval: text,
      approvers: listOf(text),
      quorum: ordinal,
      expires: time,
      again: flag,
    }),
    'approval.decided': of(
      {
        ...operation,
        approval: text,
        outcome: is('approved', 'denied', 'timed-out', 'cancelled', 'withdrawn', 'abandoned'),
        decisions: listOf(decision),
      },
      { withdrawals: listOf(withdrawal), scope: text },
    ),
    forwarded: of(operation, { approval: text, given: listOf(text), ...body }),
    result: of(
      { session: ordinal, name: text, outcome, durationUs: duration },
      { operation: ordinal, request: reference, response: reference, ...body },
    ),
    stream: of(
      { session: ordinal, channel: text, direction: is('to-client', 'to-target'), durationUs: duration },
      { operation: ordinal, data: reference, ...body },
    ),
    'grant.closing': of({ reason, by: orNull(text) }),
    'grant.closed': of({ reason, interrupted: flag, account: fields({ state: is('none', 'gone') }) }, body),
  }),
);

/** Of lines of format 1: whatever else they have was not looked at. */
export const LINES_1: ReadonlyMap<string, Shape> = new Map(
  Object.entries({
    'grant.opened': looseFields({
      ...chain,
      format: is(1),
      grant: text,
      principal,
      task,
      target: fields({ id: text, name: text, flavour: text, version: text }),
    }),
    'session.opened': looseFields({ ...chain, session: ordinal }),
    'session.refused': chained,
    'session.closed': looseFields({ ...chain, session: ordinal }),
    statement: looseFields({ ...chain, session: ordinal, statement: ordinal }),
    command: looseFields({ ...chain, session: ordinal }),
    'command.refused': looseFields({ ...chain, session: ordinal }),
    'approval.asked': looseFields({ ...chain, session: ordinal, statement: ordinal }),
    'approval.decided': looseFields({ ...chain, session: ordinal, statement: ordinal }),
    forwarded: looseFields({ ...chain, session: ordinal, statement: ordinal }),
    result: looseFields({ ...chain, session: ordinal, outcome }, { response: reference }),
    'grant.closing': chained,
    'grant.closed': looseFields({ ...chain, reason, interrupted: flag }),
  }),
);

function of(required: Readonly<Record<string, Shape>>, optional: Readonly<Record<string, Shape>> = {}): Shape {
  return fields({ ...chain, type: text, ...required }, optional);
}
