import type { ApiKeyRequest, PrincipalView } from '../../contracts/identity/principal.js';

type Permission = NonNullable<ApiKeyRequest['scope']>[number];
type Kind = PrincipalView['kind'];
type Role = PrincipalView['roles'][number];

/** What somebody with a permission may do. */
export const PERMISSION_WORDS: Readonly<Record<Permission, string>> = {
  'me.read': 'See who they are to the broker',
  'session.own': 'See and end their own sessions',
  'session.read': 'See the sessions of others',
  'session.end': 'End the sessions of others',
  'grant.request': 'Ask for access to a target',
  'grant.read': 'See tasks',
  'grant.close': 'End their own tasks',
  'grant.revoke': 'End any task',
  'target.list': 'See which targets there are',
  'target.read': 'See how targets are set up',
  'target.write': 'Register, change and remove targets',
  'gateway.read': 'See gateways',
  'gateway.drain': 'Drain gateways',
  'principal.read': 'See principals and their keys',
  'principal.write': 'Make and change principals, revoke their keys',
  'provider.read': 'See identity providers and their mapping',
  'provider.write': 'Change identity providers and their mapping',
  'webhook.read': 'See webhooks and what became of their events',
  'webhook.write': 'Make, change, test and delete webhooks',
  'setting.read': 'See the settings of the broker',
  'channel.read': 'See how people and programs are reached, and whether it works',
  'channel.test': 'Send a test by a channel',
  'recording.read': 'Read recordings and search statements',
  'record.read': 'Read the administrative record',
  'statistics.read': 'See statistics',
  'key.read': 'See the public keys of seals',
  'key.make': 'Make API keys',
  'policy.read': 'Read policies',
  'policy.write': 'Change policies',
  'policy.try': 'Try policies',
  'approval.read': 'See questions and their decisions',
  'approval.decide': 'Approve and deny',
};

/** What each role is there for. */
export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  agent: 'agent: asks for access and works with it',
  approver: 'approver: decides on what is held',
  reviewer: 'reviewer: reads recordings and the administrative record',
  operator: 'operator: runs the broker',
};

export const KIND_WORDS: Readonly<Record<Kind, string>> = {
  agent: 'agent: a program that works at targets',
  user: 'user: a person',
  service: 'service: a program that works at the broker',
};

export const ROLES_TEXTS = {
  roles: Object.entries(ROLE_WORDS) as readonly (readonly [Role, string])[],
  kinds: Object.entries(KIND_WORDS) as readonly (readonly [Kind, string])[],
  permissions: Object.entries(PERMISSION_WORDS) as readonly (readonly [Permission, string])[],
  permission: (permission: Permission) => PERMISSION_WORDS[permission],
} as const;
