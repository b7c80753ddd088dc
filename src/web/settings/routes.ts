import { createLazyRoute, createRoute } from '@tanstack/react-router';
import { rootRoute } from '../shell/root-route.js';

const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/settings',
}).lazy(() =>
  import('./settings-page.js').then(({ SettingsPage }) => createLazyRoute('/settings')({ component: SettingsPage })),
);

export const settingsRoutes = [settingsRoute] as const;
