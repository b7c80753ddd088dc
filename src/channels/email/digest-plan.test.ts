import { describe, expect, it } from 'vitest';
import type { ApprovalId, PrincipalId } from '../../kernel/brand.js';
import { newApprovalId, newPrincipalId } from '../../domain/ids.js';
import type { EmailDigestRow } from '../../persistence/entities/channels/email.js';
import { DIGEST_MS_MAX, type DigestCase, digestStep } from './digest-plan.js';

const NOW = 1_000_000_000_000;
const MINUTE = 60_000;
const person: PrincipalId = newPrincipalId();
const [first, second]: readonly ApprovalId[] = [newApprovalId(), newApprovalId()];

function step(changed: Partial<DigestCase>): string {
  const usual = { waiting: [], told: new Set<ApprovalId>(), last: undefined, nowMs: NOW };
  return digestStep({ ...usual, gatherMs: MINUTE, everyMs: 15 * MINUTE, ...changed });
}

function asked(id: ApprovalId | undefined, agoMs: number) {
  return { id: id ?? newApprovalId(), askedAtMs: NOW - agoMs };
}

function last(changed: Partial<EmailDigestRow>): EmailDigestRow {
  return { personId: person, number: 3, openedAtMs: null, tryAtMs: null, tries: 0, sentAtMs: null, ...changed };
}

describe('a digest is due', () => {
  it('when the oldest question that is new to the person has waited for others', () => {
    expect(step({ waiting: [] })).toBe('none');
    expect(step({ waiting: [asked(first, MINUTE - 1)] })).toBe('none');
    expect(step({ waiting: [asked(first, MINUTE)] })).toBe('send');
    expect(step({ waiting: [asked(second, 0), asked(first, MINUTE)] })).toBe('send');
  });

  it('only while there is something new', () => {
    const told = new Set(first === undefined ? [] : [first]);
    expect(step({ waiting: [asked(first, 60 * MINUTE)], told })).toBe('none');
    expect(step({ waiting: [asked(first, 60 * MINUTE), asked(second, MINUTE)], told })).toBe('send');
  });

  it('not sooner than the time between two is over', () => {
    const waiting = [asked(first, 5 * MINUTE)];
    expect(step({ waiting, last: last({ sentAtMs: NOW - 15 * MINUTE + 1 }) })).toBe('none');
    expect(step({ waiting, last: last({ sentAtMs: NOW - 15 * MINUTE }) })).toBe('send');
  });
});

describe('a digest that is on its way', () => {
  const waiting = [asked(first, 5 * MINUTE)];
  const told = new Set(waiting.map(({ id }) => id));

  it('is left to the worker that has it', () => {
    expect(step({ waiting, told, last: last({ openedAtMs: NOW - 1, tryAtMs: NOW + 1 }) })).toBe('none');
  });

  it('is sent by the next, though nothing in it is new', () => {
    expect(step({ waiting, told, last: last({ openedAtMs: NOW - MINUTE, tryAtMs: NOW }) })).toBe('send');
  });

  it('is given up when nothing waits any more, or after a day', () => {
    expect(step({ last: last({ openedAtMs: NOW - MINUTE, tryAtMs: NOW }) })).toBe('close');
    const old = last({ openedAtMs: NOW - DIGEST_MS_MAX - 1, tryAtMs: NOW });
    expect(step({ waiting, told, last: old })).toBe('close');
  });
});
