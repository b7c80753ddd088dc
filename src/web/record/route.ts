import { createLazyRoute, createRoute } from '@tanstack/react-router';
import { rootRoute } from '../shell/root-route.js';

export const recordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/record',
}).lazy(() =>
  import('./record-page.js').then(({ RecordPage }) => createLazyRoute('/record')({ component: RecordPage })),
);
