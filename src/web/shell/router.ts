import type { QueryClient } from '@tanstack/react-query';
import { createRouter } from '@tanstack/react-router';
import { Loading } from '../parts/said/loading.js';
import { Broken } from './broken.js';
import { NotFound } from './not-found.js';
import { rootRoute } from './root-route.js';
import { ROUTES } from './routes.js';

const routeTree = rootRoute.addChildren(ROUTES);

export type PageRouter = ReturnType<typeof createPageRouter>;

export function createPageRouter(queries: QueryClient) {
  return createRouter({
    routeTree,
    context: { queries },
    defaultPreload: 'intent',
    defaultPendingMs: 300,
    scrollRestoration: true,
    defaultErrorComponent: Broken,
    defaultNotFoundComponent: NotFound,
    defaultPendingComponent: Loading,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: PageRouter;
  }
}
