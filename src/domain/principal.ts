/** Who acts. An agent, a person, or a service; what each may do follows from its roles alone. */
export const PRINCIPAL_KINDS = ['agent', 'user', 'service'] as const;
export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number];

export const ROLES = ['agent', 'approver', 'reviewer', 'operator'] as const;
export type Role = (typeof ROLES)[number];

/** How groups are named; policies name them. */
export const GROUP_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
export const GROUPS_MAX = 32;

export const PERMISSIONS = [
  'me.read',
  'session.own',
  'session.read',
  'session.end',
  'grant.request',
  'grant.read',
  'grant.close',
  'grant.revoke',
  'target.list',
  'target.read',
  'target.write',
  'gateway.read',
  'gateway.drain',
  'principal.read',
  'principal.write',
  'provider.read',
  'provider.write',
  'setting.read',
  'channel.read',
  'channel.test',
  'webhook.read',
  'webhook.write',
  'recording.read',
  'record.read',
  'statistics.read',
  'key.read',
  'key.make',
  'policy.read',
  'policy.write',
  'policy.try',
  'approval.read',
  'approval.decide',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export function isPermission(text: string): text is Permission {
  return PERMISSIONS.some((permission) => permission === text);
}

/** What each role may do. Whether a call may touch a certain grant is a rule of that call. */
export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  agent: ['me.read', 'grant.request', 'grant.read', 'grant.close', 'target.list', 'key.read', 'approval.read'],
  approver: [
    'me.read',
    'session.own',
    'grant.read',
    'grant.revoke',
    'target.list',
    'key.read',
    'key.make',
    'policy.read',
    'policy.try',
    'approval.read',
    'approval.decide',
  ],
  reviewer: [
    'me.read',
    'session.own',
    'grant.read',
    'target.list',
    'recording.read',
    'record.read',
    'statistics.read',
    'key.read',
    'key.make',
    'policy.read',
    'approval.read',
  ],
  operator: [
    'me.read',
    'session.own',
    'session.read',
    'session.end',
    'grant.read',
    'grant.revoke',
    'target.list',
    'target.read',
    'target.write',
    'gateway.read',
    'gateway.drain',
    'principal.read',
    'principal.write',
    'provider.read',
    'provider.write',
    'setting.read',
    'channel.read',
    'channel.test',
    'webhook.read',
    'webhook.write',
    'record.read',
    'statistics.read',
    'key.read',
    'key.make',
    'policy.read',
    'policy.write',
    'policy.try',
    'approval.read',
  ],
};

export function permissionsOf(roles: readonly Role[]): ReadonlySet<Permission> {
  return new Set(roles.flatMap((role) => ROLE_PERMISSIONS[role]));
}

/** The roles that have a permission. */
export function rolesWith(permission: Permission): readonly Role[] {
  return ROLES.filter((role) => ROLE_PERMISSIONS[role].includes(permission));
}

/** An agent by its kind or its role: it never decides, and somebody may answer for it. */
export function isAgent({ kind, roles }: { readonly kind: PrincipalKind; readonly roles: readonly Role[] }): boolean {
  return kind === 'agent' || roles.includes('agent');
}

/** An agent never decides: its role stands alone, so that no key of an agent can ever approve. */
export function rolesConflict(kind: PrincipalKind, roles: readonly Role[]): boolean {
  const isAgent = roles.includes('agent');
  return (isAgent && roles.length > 1) || (kind === 'agent' && !isAgent) || (kind === 'user' && isAgent);
}
