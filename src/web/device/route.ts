import { createLazyRoute, createRoute } from '@tanstack/react-router';
import { rootRoute } from '../shell/root-route.js';

const CODE_CHARACTERS_MAX = 40;

/** The code that a link brings along; nothing is decided by it. */
export interface DeviceSearch {
  readonly code?: string;
}

export const deviceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/device',
  validateSearch: ({ code }: Readonly<Record<string, unknown>>): DeviceSearch =>
    typeof code === 'string' && code.length <= CODE_CHARACTERS_MAX ? { code } : {},
}).lazy(() =>
  import('./device-page.js').then(({ DevicePage }) => createLazyRoute('/device')({ component: DevicePage })),
);
