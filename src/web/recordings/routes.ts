import { createLazyRoute, createRoute } from '@tanstack/react-router';
import { meQuery } from '../api/me.js';
import { prefetchReplay } from '../replay/prefetch.js';
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
  loader: async ({ context: { queries }, params: { grant }, cause }) => {
    // A link that is only pointed at is no look at evidence.
    if (cause !== 'enter') return;
    const { permissions } = await queries.ensureQueryData(meQuery);
    if (permissions.includes('recording.read')) void prefetchReplay(queries, grant);
  },
}).lazy(() =>
  import('./recording-page.js').then(({ RecordingPage }) =>
    createLazyRoute('/recordings/$grant')({ component: RecordingPage }),
  ),
);

export const recordingsRoutes = [recordingsRoute, recordingRoute] as const;
