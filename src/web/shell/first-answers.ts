import type { QueryClient } from '@tanstack/react-query';
import type { PageRouter } from './router.js';

/** Longer than this nobody looks at an empty window. */
const EMPTY_MS_MAX = 300;

/**
 * Resolves once the page knows who is signed in, has its code, and has the answers to what it asks first; or when it has taken
 * too long. What is shown then is shown once, and not piece by piece, which takes a slow machine twice as long.
 */
export async function firstAnswers(router: PageRouter, queries: QueryClient): Promise<void> {
  const loaded = router.load().catch(() => undefined); // the router shows what went wrong
  await Promise.race([loaded.then(() => idle(queries)), pause(EMPTY_MS_MAX)]);
}

function idle(queries: QueryClient): Promise<void> {
  return new Promise((resolve) => {
    const stop = queries.getQueryCache().subscribe(look);
    function look(): void {
      if (queries.isFetching() > 0) return;
      stop();
      resolve();
    }
    look();
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
