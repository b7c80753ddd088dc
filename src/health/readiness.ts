import { BrokerError } from '../kernel/errors.js';

/** One thing that a process needs: it is there, it is there in part, or it is not there. */
export type Condition =
  | (ConditionFacts & { readonly status: 'up'; readonly message?: string })
  | (ConditionFacts & { readonly status: 'degraded' | 'down'; readonly message: string });

interface ConditionFacts {
  readonly [fact: string]: string | number;
}

/** Asks for one condition, each time that somebody wants to know. */
export type ConditionCheck = () => Promise<Condition>;
export type ConditionChecks = Readonly<Record<string, ConditionCheck>>;

/** Why a process takes no new work although it has all that it needs. */
export interface Stopping {
  readonly status: 'draining' | 'shutting_down';
  readonly trouble: string;
  readonly facts: Readonly<Record<string, string | number>>;
}

type Conditions = Readonly<Record<string, Condition>>;

/** The answer of `GET /health/ready`; every process answers in this form. */
export interface Readiness {
  readonly status: 'ok' | 'degraded' | 'error' | Stopping['status'];
  /** What is wrong, in sentences; empty when nothing is. */
  readonly troubles: readonly string[];
  /** What is there, at least in part. */
  readonly info: Conditions;
  /** What is not there. */
  readonly error: Conditions;
  readonly details: Conditions;
  readonly [fact: string]: unknown;
}

/** A process that is degraded still works; one that stops or lacks something must get nothing new. */
export function statusCodeOf({ status }: Readiness): 200 | 503 {
  return status === 'ok' || status === 'degraded' ? 200 : 503;
}

/** Runs all checks at the same time and says what they found. */
export async function readinessOf(checks: ConditionChecks, stopping?: Stopping): Promise<Readiness> {
  const found = await Promise.all(Object.entries(checks).map(async ([name, check]) => [name, await check()] as const));
  const isDown = ([, { status }]: readonly [string, Condition]): boolean => status === 'down';
  const troubles = found.flatMap(([, { status, message }]) =>
    status === 'up' || message === undefined ? [] : [message],
  );
  const conditions = {
    info: Object.fromEntries(found.filter((one) => !isDown(one))),
    error: Object.fromEntries(found.filter(isDown)),
    details: Object.fromEntries(found),
  };
  if (stopping !== undefined) {
    const { status, trouble, facts } = stopping;
    return { status, troubles: [trouble, ...troubles], ...facts, ...conditions };
  }
  const isDegraded = found.some(([, { status }]) => status === 'degraded');
  const status = found.some(isDown) ? 'error' : isDegraded ? 'degraded' : 'ok';
  return { status, troubles, ...conditions };
}

/** A condition that holds when something answers; it says how long the answer took. */
export function answers(ask: () => Promise<unknown>): ConditionCheck {
  return async () => {
    const sinceMs = performance.now();
    const responseTime = (): number => Math.round(performance.now() - sinceMs);
    try {
      await ask();
      return { status: 'up', responseTime: responseTime() };
    } catch (error) {
      // Only the broker's own texts go out: another error may name addresses.
      const message = error instanceof BrokerError ? error.message : 'It does not answer.';
      return { status: 'down', message, responseTime: responseTime() };
    }
  };
}
