/** Areas of the page, each with the paths below it. */
const AREAS = ['tasks', 'recordings', 'policies', 'targets', 'people', 'settings'] as const;

/**
 * The paths besides `/` at which the api serves the page, as the router has them. Every other path stays what it was: not
 * found. The page's own router (src/web) knows what to show at each.
 */
export const PAGE_PATHS: readonly string[] = [
  'inbox',
  'approvals/:id',
  ...AREAS.flatMap((area) => [area, `${area}/:name`, `${area}/:name/:part`]),
  'search',
  'record',
  'me',
  'device',
  'overview',
];

/** The same as calls, in the form of the API's description. */
export const PAGE_CALLS: readonly string[] = ['assets/:file', ...PAGE_PATHS].map(
  (path) => `GET /${path.replaceAll(/:(\w+)/g, '{$1}')}`,
);
