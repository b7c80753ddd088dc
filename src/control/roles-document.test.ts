import { expect, it } from 'vitest';
import { PERMISSIONS, type Permission, type Role, ROLE_PERMISSIONS, ROLES } from '../domain/principal.js';
import { type Route, ROUTES } from './routes.fixture.js';

it('docs/roles.md says of every call who may make it (write it again with `vitest -u`)', async () => {
  await expect(document()).toMatchFileSnapshot('../../docs/roles.md');
});

it('every permission is of a role and of a call, or of a part that a call shows', () => {
  const used = ROUTES.flatMap(({ access }) => (access && 'permission' in access ? [access.permission] : []));
  const unused = PERMISSIONS.filter((permission) => !used.includes(permission));
  expect(unused).toEqual(['target.read']); // what operators see of a target that others see in short
  for (const permission of PERMISSIONS)
    expect(
      ROLES.filter((role) => may(role, permission)),
      permission,
    ).not.toEqual([]);
});

function document(): string {
  const open = ROUTES.filter(({ access }) => access !== undefined && 'public' in access);
  return `${INTRODUCTION}
## Calls

${table(['call', 'permission', ...ROLES], ROUTES.flatMap(callRow))}

Without any sign-in:

${open
  .map((route) => `- \`${pathOf(route)}\``)
  .toSorted()
  .join('\n')}

## Permissions

${table(
  ['permission', ...ROLES],
  PERMISSIONS.map((permission) => [`\`${permission}\``, ...ROLES.map((role) => mark(role, permission))]),
)}
`;
}

function callRow(route: Route): readonly (readonly string[])[] {
  const { access } = route;
  if (access === undefined || 'public' in access) return [];
  const { permission } = access;
  return [[`\`${pathOf(route)}\``, `\`${permission}\``, ...ROLES.map((role) => mark(role, permission))]];
}

/** As the API's description names it: `GET /v1/grants/{id}`. */
function pathOf({ name }: Route): string {
  return name.replaceAll(/:(\w+)/g, '{$1}');
}

function may(role: Role, permission: Permission): boolean {
  return ROLE_PERMISSIONS[role].includes(permission);
}

function mark(role: Role, permission: Permission): string {
  return may(role, permission) ? 'yes' : '';
}

/** As the formatter would have it: each column as wide as its widest cell. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, 3, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = widths.map((width) => '-'.repeat(width));
  return [head, rule, ...rows].map(line).join('\n');
}

const INTRODUCTION = `# Roles

What a principal may do follows from its roles alone. Each call needs one permission; a principal with several roles has
the permissions of all. An agent has no other role, so that nobody approves what they ask for. A call without a valid
API key, token or session gets 401, one without the permission 403 \`forbidden\`.

- Whether a call may touch one certain thing is a rule of that call: an agent sees its own grants, approvals and nothing of
  others, and cannot tell whether these exist.
- A key can be narrowed: with \`scope\` it has only the permissions that \`scope\` names, and never one that its principal does
  not have. A key that a principal makes with a narrowed or ending one is at most as wide and ends no later.
- Roles are looked up at each call, for sessions and tokens by the identity mapping that is in force: what changes counts at
  the next call, and within five seconds where another process has to hear of it.

This page is written from the routes of the code; a test calls every route of a running api as every role.
`;
