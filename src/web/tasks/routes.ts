import { createLazyRoute, createRoute } from '@tanstack/react-router';
import { rootRoute } from '../shell/root-route.js';
import { taskSearchOf } from './task-tabs.js';

const tasksRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/tasks',
}).lazy(() => import('./tasks-page.js').then(({ TasksPage }) => createLazyRoute('/tasks')({ component: TasksPage })));

const taskRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/tasks/$grant',
  validateSearch: taskSearchOf,
}).lazy(() =>
  import('./task-page.js').then(({ TaskPage }) => createLazyRoute('/tasks/$grant')({ component: TaskPage })),
);

export const tasksRoutes = [tasksRoute, taskRoute] as const;
