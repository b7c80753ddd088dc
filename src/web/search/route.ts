import { createLazyRoute, createRoute } from '@tanstack/react-router';
import { urlTexts } from '../api/url-texts.js';
import { rootRoute } from '../shell/root-route.js';

export const searchRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/search',
  validateSearch: (search) => urlTexts(search, ['q']),
}).lazy(() =>
  import('./search-page.js').then(({ SearchPage }) => createLazyRoute('/search')({ component: SearchPage })),
);
