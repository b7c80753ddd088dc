import type { Flavour } from '../flavour.js';

/** The variable with which a session limits the time of its statements, and its unit in milliseconds. */
const TIME_LIMIT: Readonly<Record<Flavour, { readonly name: string; readonly unitMs: number }>> = {
  mariadb: { name: 'max_statement_time', unitMs: 1_000 },
  mysql: { name: 'max_execution_time', unitMs: 1 },
};

/** Limits the statements of the session that it runs in. */
export function setTimeLimit(flavour: Flavour, limitMs: number): string {
  const { name, unitMs } = TIME_LIMIT[flavour];
  return `SET SESSION ${name} = ${limitMs / unitMs}`;
}

/** Asks for the time limit as the session has it. */
export function readTimeLimit(flavour: Flavour): string {
  return `SELECT @@SESSION.${TIME_LIMIT[flavour].name} LIMIT 1`;
}

/** What the server answered to {@link readTimeLimit}, in milliseconds. */
export function timeLimitMs(flavour: Flavour, answered: string | null | undefined): number {
  return Number(answered) * TIME_LIMIT[flavour].unitMs;
}
