import { createLazyRoute, createRoute } from '@tanstack/react-router';
import { rootRoute } from '../shell/root-route.js';

export const searchRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/search',
}).lazy(() =>
  import('./search-page.js').then(({ SearchPage }) => createLazyRoute('/search')({ component: SearchPage })),
);
