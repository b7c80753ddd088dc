import type { QueryClient } from '@tanstack/react-query';

/** Shows what a call that changed something answered. A call that was under way before does not take its place. */
export function takeAnswer(queries: QueryClient, queryKey: readonly unknown[], answer: unknown): void {
  void queries.cancelQueries({ queryKey, exact: true });
  queries.setQueryData(queryKey, answer);
}
