import { createLazyRoute, createRoute } from '@tanstack/react-router';
import { urlTexts } from '../api/url-texts.js';
import { rootRoute } from '../shell/root-route.js';

/** By what the record is narrowed; times are RFC 3339. */
const FILTERS = ['act', 'principal', 'subject', 'from', 'to'] as const;

export const recordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/record',
  validateSearch: (search) => urlTexts(search, FILTERS),
}).lazy(() =>
  import('./record-page.js').then(({ RecordPage }) => createLazyRoute('/record')({ component: RecordPage })),
);
