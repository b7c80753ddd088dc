import { useState } from 'react';

/** What was begun and not sent, by question: a window that is made smaller, or a look at another question, loses nothing. */
const drafts = new Map<string, unknown>();
const DRAFTS_MAX = 500;

/** As useState, but what it has outlives the part that shows it. @param name begins with the id of its question */
export function useDraft<T>(name: string, initial: T): readonly [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => (drafts.has(name) ? (drafts.get(name) as T) : initial));
  const keep = (next: T) => {
    const [oldest] = drafts.keys();
    if (drafts.size >= DRAFTS_MAX && oldest !== undefined) drafts.delete(oldest);
    drafts.set(name, next);
    setValue(next);
  };
  return [value, keep];
}

/** The question was answered. */
export function dropDrafts(id: string): void {
  for (const name of drafts.keys()) if (name.startsWith(`${id} `)) drafts.delete(name);
}
