import type { ErrorCode } from '../../kernel/errors/error-table.js';
import { PAGE_CALLS } from '../page/page-paths.js';
import { WEBHOOK_OPERATIONS } from '../webhooks/webhook-operations.js';

/** What the OpenAPI document says of a call besides its summary and its schemas. */
export interface OperationNotes {
  /** The name of the call in generated clients. */
  readonly id: string;
  /** What may go wrong with this very call, besides {@link COMMON_ERRORS}. */
  readonly errors: readonly ErrorCode[];
  /** A body as one would send it. */
  readonly request?: unknown;
  /** The answer to it. */
  readonly response?: unknown;
}

/** Any call may answer with these. */
export const COMMON_ERRORS: readonly ErrorCode[] = [
  'request_invalid',
  'unauthenticated',
  'session_ended',
  'credentials_ambiguous',
  'cross_site_refused',
  'forbidden',
  'too_many_requests',
  'state_unavailable',
  'internal',
];

const TARGET_FAULTS: readonly ErrorCode[] = [
  'gateway_unavailable',
  'queue_unavailable',
  'encryption_key_missing',
  'target_unreachable',
  'target_login_refused',
  'target_tls_unavailable',
  'target_tls_untrusted',
  'protocol_unknown',
  'target_unsupported',
  'target_protocol_violation',
  'target_statement_refused',
  'target_privileges_missing',
  'target_database_missing',
];
const DEVICE: readonly ErrorCode[] = ['device_code_unknown', 'device_needs_browser', 'queue_unavailable'];
const REPEATED: readonly ErrorCode[] = ['idempotency_key_reused', 'idempotency_key_in_use'];

const READING: readonly ErrorCode[] = ['recording_not_found', 'recording_mismatch', 'recording_unreadable'];

const TARGET = {
  name: 'orders-db',
  protocol: 'mysql',
  host: 'db.internal',
  port: 3306,
  tls: { mode: 'verify-identity' },
  username: 'doorwarden_provisioning',
  password: 'the password of the provisioning account',
  defaultDatabase: 'shop',
  limits: { ttlSecondsMax: 3600, privileges: ['SELECT', 'INSERT', 'UPDATE'], databases: ['shop'], sessionsMax: 16 },
};
const GRANT = {
  target: 'orders-db',
  task: { title: 'Count open orders', reference: 'https://example.com/tickets/42' },
  access: [
    { database: 'shop', privileges: ['SELECT'] },
    { database: 'shop', tables: ['orders'], privileges: ['UPDATE'] },
  ],
  ttlSeconds: 600,
};

/** By method and path, as the document has them. A test holds the document against this list. */
export const OPERATIONS: Readonly<Record<string, OperationNotes>> = {
  'POST /v1/principals': {
    id: 'createPrincipal',
    errors: ['principal_exists', 'principal_roles_conflict'],
    request: { name: 'ci-bot', kind: 'agent', roles: ['agent'] },
  },
  'GET /v1/principals': { id: 'listPrincipals', errors: [] },
  'GET /v1/principals/{name}': { id: 'getPrincipal', errors: ['principal_not_found'] },
  'PATCH /v1/principals/{name}': {
    id: 'changePrincipal',
    errors: ['principal_not_found', 'principal_person_conflict'],
    request: { disabled: true },
  },
  'POST /v1/principals/{name}/keys': {
    id: 'createApiKey',
    errors: [
      'principal_not_found',
      'key_needs_second_operator',
      'key_request_not_found',
      'key_request_own',
      'key_expiry_invalid',
      'key_scope_invalid',
    ],
    request: { label: 'CI', expiresAt: '2027-01-31T00:00:00Z', scope: ['grant.request', 'grant.read', 'grant.close'] },
  },
  'GET /v1/principals/{name}/keys': { id: 'listApiKeys', errors: ['principal_not_found'] },
  'DELETE /v1/principals/{name}/keys/{id}': {
    id: 'revokeApiKey',
    errors: ['principal_not_found', 'api_key_not_found'],
  },
  'GET /v1/me': { id: 'getMe', errors: [] },
  'GET /v1/me/keys': { id: 'listMyApiKeys', errors: [] },
  'DELETE /v1/me/keys/{id}': { id: 'revokeMyApiKey', errors: ['api_key_not_found'] },
  'POST /v1/me/slack-link': {
    id: 'makeSlackLinkCode',
    errors: ['slack_link_off', 'slack_link_needs_session', 'slack_linked_already'],
    response: {
      code: 'K7QM-2XWD-JFRA-H4TE',
      command: '/doorwarden link K7QM-2XWD-JFRA-H4TE',
      expiresAt: '2026-11-21T08:10:00.000Z',
    },
  },
  'DELETE /v1/me/slack-link': { id: 'removeSlackLink', errors: [] },
  'GET /v1/me/devices/{code}': { id: 'getMyDevice', errors: DEVICE },
  'POST /v1/me/devices/{code}': {
    id: 'decideMyDevice',
    errors: [...DEVICE, 'record_unavailable'],
    request: { decision: 'allow' },
  },
  'GET /v1/me/sessions': { id: 'listMySessions', errors: ['queue_unavailable'] },
  'DELETE /v1/me/sessions': { id: 'endMySessions', errors: ['queue_unavailable'] },
  'DELETE /v1/me/sessions/{id}': { id: 'endMySession', errors: ['session_not_found', 'queue_unavailable'] },
  'GET /v1/principals/{name}/sessions': {
    id: 'listSessions',
    errors: ['principal_not_found', 'queue_unavailable'],
  },
  'DELETE /v1/principals/{name}/sessions': {
    id: 'endSessions',
    errors: ['principal_not_found', 'queue_unavailable'],
  },
  'DELETE /v1/principals/{name}/sessions/{id}': {
    id: 'endSession',
    errors: ['principal_not_found', 'session_not_found', 'queue_unavailable'],
  },
  'DELETE /v1/sessions': { id: 'endAllSessions', errors: [] },
  'POST /v1/targets': { id: 'createTarget', errors: ['target_exists', ...TARGET_FAULTS], request: TARGET },
  'GET /v1/targets': { id: 'listTargets', errors: [] },
  'GET /v1/targets/{name}': { id: 'getTarget', errors: ['target_not_found'] },
  'PATCH /v1/targets/{name}': {
    id: 'changeTarget',
    errors: ['target_not_found', 'target_in_use', 'target_changed', ...TARGET_FAULTS],
    request: { limits: { ttlSecondsMax: 900 } },
  },
  'POST /v1/targets/{name}/test': {
    id: 'testTarget',
    errors: [
      'target_not_found',
      'target_credential_missing',
      'target_changed',
      'gateway_unavailable',
      'queue_unavailable',
      'protocol_unknown',
    ],
  },
  'DELETE /v1/targets/{name}': { id: 'deleteTarget', errors: ['target_not_found', 'target_in_use'] },
  'GET /v1/policies': { id: 'listPolicies', errors: [] },
  'POST /v1/policies/try': {
    id: 'tryPolicies',
    errors: ['policy_invalid', 'target_not_found', 'protocol_unknown'],
  },
  'POST /v1/policies/replay': {
    id: 'replayPolicy',
    errors: ['policy_invalid', 'policy_replay_busy', 'target_not_found'],
    request: {
      name: 'default',
      text: '@id("reads")\npermit (principal, action in Action::"read", resource);',
      last: 500,
    },
  },
  'POST /v1/policies/check': { id: 'checkPolicy', errors: [] },
  'GET /v1/policies/{name}': { id: 'getPolicy', errors: ['policy_not_found'] },
  'GET /v1/policies/{name}/versions': { id: 'listPolicyVersions', errors: ['policy_not_found'] },
  'PUT /v1/policies/{name}': {
    id: 'putPolicy',
    errors: ['policy_invalid', 'policy_changed'],
    request: {
      text: '@id("reads")\npermit (principal, action in Action::"read", resource);',
      revision: 0,
      reason: 'Reads run at once.',
    },
  },
  'DELETE /v1/policies/{name}': { id: 'deletePolicy', errors: ['policy_not_found', 'policy_changed'] },
  'POST /v1/grants': {
    id: 'requestGrant',
    errors: [
      'target_not_found',
      'protocol_unknown',
      'grant_access_missing',
      'grant_ttl_over_limit',
      'grant_privileges_over_limit',
      'grant_request_denied',
      'gateway_unavailable',
      'queue_unavailable',
      'open_failed',
      'recording_unavailable',
      'endpoint_ports_exhausted',
      ...REPEATED,
    ],
    request: GRANT,
    response: {
      id: '01m7ytqm8g9xt6m7ken4f6b9rz',
      state: 'active',
      principal: { id: '01m7ytqk0d1tjdzp6t2y8z3gn8', name: 'ci-bot', kind: 'agent' },
      sponsor: null,
      ...GRANT,
      protocol: 'mysql',
      onHold: 'wait',
      approval: null,
      deadline: '2026-11-21T10:44:18.256Z',
      closeReason: null,
      closedBy: null,
      refusal: null,
      requestedAt: '2026-11-21T10:34:18.256Z',
      activeAt: '2026-11-21T10:34:18.267Z',
      closingAt: null,
      sealedAt: null,
      outlook: null,
      waiting: [],
    },
  },
  'GET /v1/grants': { id: 'listGrants', errors: [] },
  'GET /v1/grants/{id}': { id: 'getGrant', errors: ['grant_not_found'] },
  'POST /v1/grants/{id}/connection': {
    id: 'fetchConnection',
    errors: [
      'grant_not_found',
      'grant_not_active',
      'connection_not_ready',
      'connection_already_fetched',
      'protocol_unknown',
    ],
  },
  'POST /v1/grants/{id}/close': { id: 'closeGrant', errors: ['grant_not_found'] },
  'POST /v1/grants/{id}/revoke': { id: 'revokeGrant', errors: ['grant_not_found'] },
  'GET /v1/approvals': { id: 'listApprovals', errors: [] },
  'GET /v1/approvals/counts': { id: 'countApprovals', errors: [] },
  'GET /v1/approvals/export': { id: 'exportApprovals', errors: ['export_over_limit'] },
  'GET /v1/approvals/events': { id: 'followApprovals', errors: ['watchers_over_limit'] },
  'GET /v1/approvals/{id}': { id: 'getApproval', errors: ['approval_not_found'] },
  'POST /v1/approvals/{id}/decisions': {
    id: 'decideApproval',
    errors: [
      'approval_not_found',
      'approval_already_decided',
      'approval_withdrawn',
      'approval_cancelled',
      'approval_timed_out',
      'approval_answered_by_you',
      'approval_of_own_request',
      'approval_not_an_approver',
      'approval_web_only',
      'reauthentication_required',
      'approval_changed',
      'approval_scope_invalid',
      ...REPEATED,
    ],
    request: { decision: 'approve', reason: 'As discussed in the ticket', scope: { kind: 'once', rowsMax: 1 } },
  },
  'GET /v1/statistics': { id: 'getStatistics', errors: [] },
  'POST /v1/approvals/{id}/withdraw': {
    id: 'withdrawApproval',
    errors: [
      'approval_not_found',
      'approval_not_given_by_you',
      'approval_already_decided',
      'approval_already_used',
      'approval_withdrawn',
      'approval_cancelled',
      'approval_timed_out',
      'approval_changed',
      ...REPEATED,
    ],
    request: { reason: 'The ticket says staging, not production' },
  },
  'GET /v1/recordings': { id: 'listRecordings', errors: [] },
  'GET /v1/recordings/{grantId}': { id: 'getRecording', errors: ['recording_not_found'] },
  'GET /v1/recordings/{grantId}/entries': { id: 'listRecordingEntries', errors: READING },
  'GET /v1/recordings/{grantId}/events': { id: 'followRecording', errors: [...READING, 'watchers_over_limit'] },
  'GET /v1/recordings/{grantId}/marks': { id: 'getRecordingMarks', errors: [...READING, 'watchers_over_limit'] },
  'GET /v1/recordings/{grantId}/statements/{number}': {
    id: 'getRecordedStatement',
    errors: [...READING, 'recording_statement_not_found'],
  },
  'GET /v1/recordings/{grantId}/statements/{number}/result': {
    id: 'getRecordedResult',
    errors: [...READING, 'recording_statement_not_found'],
  },
  'GET /v1/recordings/{grantId}/file': { id: 'downloadRecording', errors: ['recording_not_found'] },
  'PUT /v1/recordings/{grantId}/review': { id: 'reviewRecording', errors: ['recording_not_found'] },
  'DELETE /v1/recordings/{grantId}/review': { id: 'unreviewRecording', errors: ['recording_not_found'] },
  'GET /v1/recordings/{grantId}/verification': { id: 'verifyRecording', errors: ['recording_not_found'] },
  'GET /v1/statements': { id: 'searchStatements', errors: ['search_too_wide'] },
  'GET /v1/record': { id: 'listRecordEntries', errors: ['record_unavailable'] },
  'GET /v1/record/verification': { id: 'verifyRecord', errors: ['record_unavailable'] },
  'GET /v1/record/export': { id: 'exportRecord', errors: ['record_unavailable'] },
  'GET /v1/gateways': { id: 'listGateways', errors: [] },
  'POST /v1/gateways/{name}/drain': {
    id: 'drainGateway',
    errors: ['gateway_not_found'],
    response: {
      id: '01m7ytqk3v0r1zzw2c6m5t8h4d',
      name: 'gateway-a',
      state: 'draining',
      grants: 3,
      startedAt: '2026-11-21T08:00:00.000Z',
      drain: { askedAt: '2026-11-21T10:34:18.256Z', askedBy: 'alex', until: null },
    },
  },
  'GET /v1/settings': { id: 'getSettings', errors: [] },
  'GET /v1/channels': { id: 'listChannels', errors: [] },
  'POST /v1/channels/{name}/test': {
    id: 'testChannel',
    errors: ['channel_not_found', 'channel_not_testable', 'channel_test_under_way'],
  },
  'GET /v1/me/notices': { id: 'getMyNotices', errors: [] },
  'PUT /v1/me/notices': { id: 'chooseMyNotices', errors: [], request: { email: 'off' } },
  'GET /v1/keys': { id: 'listPublicKeys', errors: [] },
  'GET /v1/principals/{name}/identities': { id: 'listIdentities', errors: ['principal_not_found'] },
  'GET /v1/identity-providers': { id: 'listIdentityProviders', errors: [] },
  'GET /v1/identity-providers/{name}': { id: 'getIdentityProvider', errors: ['provider_not_found'] },
  'PUT /v1/identity-providers/{name}': {
    id: 'putIdentityProvider',
    errors: ['provider_invalid', 'provider_changed', 'signin_provider_unavailable'],
    request: {
      kind: 'oidc',
      for: ['people'],
      issuer: 'https://id.example.com',
      clientId: 'doorwarden',
      clientSecret: 'the secret that the provider shows',
      reason: 'People sign in with the company account',
    },
  },
  'DELETE /v1/identity-providers/{name}': {
    id: 'deleteIdentityProvider',
    errors: ['provider_not_found', 'provider_changed'],
  },
  'GET /v1/identity-mapping': { id: 'getIdentityMapping', errors: [] },
  'GET /v1/identity-mapping/versions': { id: 'listIdentityMappingVersions', errors: [] },
  'PUT /v1/identity-mapping': {
    id: 'putIdentityMapping',
    errors: ['mapping_invalid', 'mapping_changed'],
    request: {
      rules: [
        {
          provider: 'corp',
          when: { groups: 'database-approvers' },
          principal: '{email|lower}',
          kind: 'user',
          roles: ['approver'],
          groups: ['dba'],
        },
      ],
      reason: 'The database team decides',
    },
  },
  'POST /v1/identity-mapping/try': {
    id: 'tryIdentityMapping',
    errors: ['provider_not_found'],
    request: {
      provider: 'corp',
      use: 'people',
      claims: { sub: '248289761001', email: 'ana@example.com', email_verified: true, groups: ['database-approvers'] },
    },
  },
  ...WEBHOOK_OPERATIONS,
};

/** What the api answers besides, for probes and for people who look around; the document leaves it out. */
export const UNLISTED_CALLS = [
  'GET /',
  'GET /llms.txt',
  'GET /favicon.ico',
  'GET /health/live',
  'GET /health/ready',
  'GET /metrics',
  'GET /docs',
  'GET /docs/errors',
  'GET /openapi.json',
  'GET /openapi.yaml',
  'GET /auth/sign-in',
  'GET /auth/finish',
  'GET /auth/link/{secret}',
  'GET /auth/oidc/{provider}',
  'GET /auth/oidc/{provider}/callback',
  'POST /auth/sign-out',
  'POST /auth/device',
  'POST /auth/device/token',
  'GET /auth/saml/{provider}',
  'POST /auth/saml/{provider}/acs',
  'GET /auth/saml/{provider}/metadata',
  'POST /slack/interactivity',
  'POST /slack/commands',
  'POST /mcp',
  'GET /.well-known/oauth-protected-resource',
  'GET /.well-known/oauth-protected-resource/mcp',
  ...PAGE_CALLS,
] as const;
