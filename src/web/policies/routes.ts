import { createLazyRoute, createRoute } from '@tanstack/react-router';
import { rootRoute } from '../shell/root-route.js';

const policiesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/policies',
}).lazy(() =>
  import('./policies-page.js').then(({ PoliciesPage }) => createLazyRoute('/policies')({ component: PoliciesPage })),
);

const policyRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/policies/$name',
}).lazy(() =>
  import('./policy-page.js').then(({ PolicyPage }) => createLazyRoute('/policies/$name')({ component: PolicyPage })),
);

export const policiesRoutes = [policiesRoute, policyRoute] as const;
