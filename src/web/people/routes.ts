import { createLazyRoute, createRoute } from '@tanstack/react-router';
import { urlTexts } from '../api/url-texts.js';
import { rootRoute } from '../shell/root-route.js';

/** By what the list of principals is narrowed. */
const FILTERS = ['text', 'kind', 'role', 'group', 'provider', 'state'] as const;

const peopleRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/people',
  validateSearch: (search) => urlTexts(search, FILTERS),
}).lazy(() =>
  import('./people-page.js').then(({ PeoplePage }) => createLazyRoute('/people')({ component: PeoplePage })),
);

const principalRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/people/$name',
  // The number of another operator's request for a key.
  validateSearch: (search) => urlTexts(search, ['request']),
}).lazy(() =>
  import('./principal-page.js').then(({ PrincipalPage }) =>
    createLazyRoute('/people/$name')({ component: PrincipalPage }),
  ),
);

export const peopleRoutes = [peopleRoute, principalRoute] as const;
