import { createRoute, redirect } from '@tanstack/react-router';
import { meQuery } from '../api/me.js';
import { approvalRoute } from '../approval/route.js';
import { deviceRoute } from '../device/route.js';
import { inboxRoute } from '../inbox/route.js';
import { meRoute } from '../me/route.js';
import { overviewRoute } from '../overview/route.js';
import { peopleRoutes } from '../people/routes.js';
import { policiesRoutes } from '../policies/routes.js';
import { recordRoute } from '../record/route.js';
import { recordingsRoutes } from '../recordings/routes.js';
import { searchRoute } from '../search/route.js';
import { settingsRoutes } from '../settings/routes.js';
import { targetsRoutes } from '../targets/routes.js';
import { tasksRoutes } from '../tasks/routes.js';
import { rootRoute } from './root-route.js';
import { SECTIONS } from './sections.js';

/** `/` leads to the first section that the person may use. */
const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: async ({ context: { queries } }) => {
    const { permissions } = await queries.ensureQueryData(meQuery);
    const first = SECTIONS.find((section) =>
      section.permissions.some((permission) => permissions.includes(permission)),
    );
    // The router takes what redirect makes, thrown, for a redirect.
    // oxlint-disable-next-line typescript/only-throw-error
    throw redirect({ to: first?.to ?? '/me', replace: true });
  },
});

/** Every page; each feature says how its own are addressed. */
export const ROUTES = [
  homeRoute,
  inboxRoute,
  approvalRoute,
  ...tasksRoutes,
  ...recordingsRoutes,
  searchRoute,
  overviewRoute,
  ...policiesRoutes,
  ...targetsRoutes,
  ...peopleRoutes,
  recordRoute,
  ...settingsRoutes,
  meRoute,
  deviceRoute,
] as const;
