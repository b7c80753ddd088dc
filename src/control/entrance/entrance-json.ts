import type { Entrance } from './entrance.js';
import { ABOUT, EXAMPLE_REQUEST, FIRST_STEPS, LINKS, MCP_PATH, RULES } from './first-steps.js';

/** The entrance for programs that read JSON. */
export function entranceJson({ limits, connecting, caller }: Entrance): object {
  return {
    name: 'Doorwarden',
    about: ABOUT,
    links: Object.fromEntries(Object.entries(LINKS).map(([name, { path }]) => [name, path])),
    mcp: MCP_PATH,
    firstSteps: FIRST_STEPS,
    example: { call: 'POST /v1/grants', body: EXAMPLE_REQUEST },
    connecting,
    rules: RULES,
    limits,
    ...(caller === undefined ? {} : { you: { name: caller.name, roles: caller.roles } }),
    ...(caller?.targets === undefined ? {} : { targets: caller.targets, hasMoreTargets: caller.hasMore }),
  };
}
