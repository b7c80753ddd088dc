import { createLazyRoute, createRoute } from '@tanstack/react-router';
import { rootRoute } from '../shell/root-route.js';

const targetsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/targets',
}).lazy(() =>
  import('./targets-page.js').then(({ TargetsPage }) => createLazyRoute('/targets')({ component: TargetsPage })),
);

const targetRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/targets/$name',
}).lazy(() =>
  import('./target-page.js').then(({ TargetPage }) => createLazyRoute('/targets/$name')({ component: TargetPage })),
);

export const targetsRoutes = [targetsRoute, targetRoute] as const;
