import { createLazyRoute, createRoute } from '@tanstack/react-router';
import { rootRoute } from '../shell/root-route.js';

const recordingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/recordings',
}).lazy(() =>
  import('./recordings-page.js').then(({ RecordingsPage }) =>
    createLazyRoute('/recordings')({ component: RecordingsPage }),
  ),
);

const recordingRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/recordings/$grant',
}).lazy(() =>
  import('./recording-page.js').then(({ RecordingPage }) =>
    createLazyRoute('/recordings/$grant')({ component: RecordingPage }),
  ),
);

export const recordingsRoutes = [recordingsRoute, recordingRoute] as const;
