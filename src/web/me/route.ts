import { createLazyRoute, createRoute } from '@tanstack/react-router';
import { rootRoute } from '../shell/root-route.js';

export const meRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/me',
}).lazy(() => import('./me-page.js').then(({ MePage }) => createLazyRoute('/me')({ component: MePage })));
