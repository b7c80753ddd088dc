import { COMMON, FAILURES, KEYS, SHELL } from './shell.js';

/** Every text of the page. A feature has a file of its own beside this one, and a line here. */
export const texts = {
  shell: SHELL,
  failures: FAILURES,
  keys: KEYS,
  common: COMMON,
} as const;
