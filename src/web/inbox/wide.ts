import { useSyncExternalStore } from 'react';

const WIDE = '(min-width: 1100px)';

/** Whether there is room for a question beside the list. */
export function useIsWide(): boolean {
  return useSyncExternalStore(follow, () => matchMedia(WIDE).matches);
}

function follow(listener: () => void): () => void {
  const query = matchMedia(WIDE);
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}
