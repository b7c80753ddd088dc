import { createLazyRoute, createRoute } from '@tanstack/react-router';
import { rootRoute } from '../shell/root-route.js';

const peopleRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/people',
}).lazy(() =>
  import('./people-page.js').then(({ PeoplePage }) => createLazyRoute('/people')({ component: PeoplePage })),
);

const principalRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/people/$name',
}).lazy(() =>
  import('./principal-page.js').then(({ PrincipalPage }) =>
    createLazyRoute('/people/$name')({ component: PrincipalPage }),
  ),
);

export const peopleRoutes = [peopleRoute, principalRoute] as const;
