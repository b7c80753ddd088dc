import { z } from 'zod';
import { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from './call-limits.js';

/** An id as the broker makes them: a ULID in lower case. */
export const idSchema = z.string().regex(/^[0-9a-hjkmnp-tv-z]{26}$/, 'must be an id of 26 characters');

/** What every list understands: `cursor` is the `next` of the page before. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT_MAX).default(PAGE_LIMIT_DEFAULT),
  cursor: idSchema.optional(),
};

/** A time in a query: RFC 3339. */
export const timeQuery = z.iso.datetime({ offset: true });

/** What every list answers: `next` is null on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** The page of a list that was read one item further than its limit. */
export function pageOf<T>(rows: readonly T[], limit: number, idOf: (row: T) => string): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? idOf(last) : null };
}
