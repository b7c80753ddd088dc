import { createLazyRoute, createRoute } from '@tanstack/react-router';
import { rootRoute } from '../shell/root-route.js';
import { approvalQuery } from './approval-query.js';

export const approvalRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/approvals/$id',
  loader: ({ context: { queries }, params: { id }, cause }) => {
    // It is asked while the code of the page is brought; a link that is only pointed at asks nothing.
    if (cause === 'enter') void queries.prefetchQuery(approvalQuery(id));
  },
}).lazy(() =>
  import('./approval-page.js').then(({ ApprovalPage }) =>
    createLazyRoute('/approvals/$id')({ component: ApprovalPage }),
  ),
);
