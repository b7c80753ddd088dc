import { createLazyRoute, createRoute } from '@tanstack/react-router';
import { rootRoute } from '../shell/root-route.js';
import { inboxSearchOf } from './inbox-search.js';

export const inboxRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/inbox',
  validateSearch: inboxSearchOf,
}).lazy(() => import('./inbox-page.js').then(({ InboxPage }) => createLazyRoute('/inbox')({ component: InboxPage })));
