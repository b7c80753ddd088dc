import { createLazyRoute, createRoute } from '@tanstack/react-router';
import { rootRoute } from '../shell/root-route.js';

export const overviewRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/overview',
}).lazy(() =>
  import('./overview-page.js').then(({ OverviewPage }) => createLazyRoute('/overview')({ component: OverviewPage })),
);
