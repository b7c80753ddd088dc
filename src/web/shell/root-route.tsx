import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext } from '@tanstack/react-router';
import { isSignedOut } from '../api/failure.js';
import { meQuery } from '../api/me.js';
import { signInAddress } from '../api/session.js';
import { Broken } from './broken.js';
import { Layout } from './layout.js';
import { NotFound } from './not-found.js';
import { Loading } from '../parts/said/loading.js';

export interface RouterContext {
  readonly queries: QueryClient;
}

/** What stands around every page. Who is signed in is asked once, before anything is shown. */
export const rootRoute = createRootRouteWithContext<RouterContext>()({
  beforeLoad: async ({ context: { queries } }) => {
    if (queries.getQueryData(meQuery.queryKey) !== undefined) return;
    await queries.ensureQueryData(meQuery).catch(async (error: unknown) => {
      if (!isSignedOut(error)) throw error;
      location.replace(signInAddress());
      await new Promise(() => undefined); // the browser leaves this page
    });
  },
  component: Layout,
  errorComponent: Broken,
  notFoundComponent: NotFound,
  pendingComponent: Loading,
});
