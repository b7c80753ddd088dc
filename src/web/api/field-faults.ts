import { isRefusal } from './failure.js';

/** What the broker found wrong with the fields of a form, by their paths; of several about one path the first. */
export function fieldFaults(error: unknown): ReadonlyMap<string, string> {
  const faults = new Map<string, string>();
  if (!isRefusal(error)) return faults;
  const { errors, field, detail, title } = error.problem;
  for (const { path, message } of errors ?? []) {
    const [first = ''] = path.split('.');
    if (!faults.has(path)) faults.set(path, message);
    if (!faults.has(first)) faults.set(first, message);
  }
  if (typeof field === 'string') faults.set(field, detail ?? title);
  return faults;
}
