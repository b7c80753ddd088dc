import { nearMisses } from '../config/near-misses.js';

/** Tells of variables that look like slips, before they are missed. */
export function warnOfNearMisses(log: { warn(fields: object, message: string): void }): void {
  for (const { name, meant } of nearMisses(process.env)) {
    log.warn({ name, meant }, 'a variable that the process does not read has nearly the name of one that it reads');
  }
}
