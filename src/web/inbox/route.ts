import { createLazyRoute, createRoute } from '@tanstack/react-router';
import { rootRoute } from '../shell/root-route.js';

export const inboxRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/inbox',
}).lazy(() => import('./inbox-page.js').then(({ InboxPage }) => createLazyRoute('/inbox')({ component: InboxPage })));
