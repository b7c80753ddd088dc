import { shortIds } from './short-id.js';

/** Ids as a list shows them: on a terminal the shortest that tells them apart, elsewhere whole, for scripts. */
export function shownIds(ids: readonly string[]): (id: string) => string {
  const short = process.stdout.isTTY ? shortIds(ids) : new Map<string, string>();
  return (id) => short.get(id) ?? id;
}
