import { vi } from 'vitest';
import {
  statementSearchPage,
  type StatementSearchPage,
  type StatementView,
} from '../../src/contracts/recordings/statement.js';
import { bodyOf, callAs } from './http.js';
import type { CallableBroker } from './task.js';

const INDEXED_MS_MAX = 30_000;
const LOOK_EVERY_MS = 100;

/** Searches as the test's reviewer. */
export async function searchStatements(
  broker: CallableBroker,
  query: Readonly<Record<string, string>>,
): Promise<StatementSearchPage> {
  const path = `/v1/statements?${new URLSearchParams(query).toString()}`;
  return bodyOf(await callAs(broker, 'reviewer', { method: 'GET', path }), statementSearchPage);
}

/** Searches until so many are found. */
export async function untilFound(
  broker: CallableBroker,
  query: Readonly<Record<string, string>>,
  count: number,
): Promise<readonly StatementView[]> {
  return vi.waitFor(
    async () => {
      const { items } = await searchStatements(broker, query);
      if (items.length !== count) throw new Error(`${items.length} statements are found, not ${count}`);
      return items;
    },
    { timeout: INDEXED_MS_MAX, interval: LOOK_EVERY_MS },
  );
}
