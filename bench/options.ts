import { parseArgs } from 'node:util';
import { cpus } from 'node:os';

export interface BenchOptions {
  /** Rows to measure; empty for all. */
  readonly only: readonly string[];
  readonly runs: number;
  /** Length of one run of a client. */
  readonly seconds: number;
  /** Idle grants to open at the same time. */
  readonly grants: number;
  /** Write a CPU profile of the gateway. */
  readonly profile: boolean;
}

/** @throws Error with a sentence that says what is wrong */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      runs: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '4' },
      grants: { type: 'string', default: '1000' },
      profile: { type: 'boolean', default: false },
    },
  });
  return {
    only: values.only,
    runs: positive('--runs', values.runs),
    seconds: positive('--seconds', values.seconds),
    grants: positive('--grants', values.grants),
    profile: values.profile,
  };
}

/** Above this load others use the machine, and the figures say more about them. */
export const QUIET_LOAD_MAX = 0.25 * cpus().length;

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} takes a whole number from 1, not ${text}`);
  return value;
}
