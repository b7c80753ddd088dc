import { useSyncExternalStore } from 'react';

const QUERIES = ['(prefers-color-scheme: dark)', '(forced-colors: active)'];

/** Changes whenever the colours of the page do: what is painted by hand has to be painted again. */
export function useLooks(): string {
  return useSyncExternalStore(follow, looks);
}

function follow(changed: () => void): () => void {
  const media = QUERIES.map((query) => matchMedia(query));
  for (const one of media) one.addEventListener('change', changed);
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  return () => {
    for (const one of media) one.removeEventListener('change', changed);
    observer.disconnect();
  };
}

function looks(): string {
  const media = QUERIES.map((query) => matchMedia(query).matches);
  return [document.documentElement.dataset['theme'] ?? '', ...media].join();
}
