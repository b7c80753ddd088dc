import { createLazyRoute, createRoute } from '@tanstack/react-router';
import { rootRoute } from '../shell/root-route.js';

export const approvalRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/approvals/$id',
}).lazy(() =>
  import('./approval-page.js').then(({ ApprovalPage }) =>
    createLazyRoute('/approvals/$id')({ component: ApprovalPage }),
  ),
);
