import { describeAlike } from '../../client/answer-forms.fixture.js';
import { formView } from '../../client/api-client.js';
import {
  anyTargetView,
  type AnyTargetView,
  targetPage,
  targetTestView,
  type TargetTestView,
  type TargetView,
} from '../../contracts/grants/target.js';
import { knownPrincipalView, type KnownPrincipalView, principalPage } from '../../contracts/identity/principal.js';
import {
  policyList,
  type PolicyList,
  policyTrialView,
  type PolicyTrialView,
  policyView,
  type PolicyView,
} from '../../contracts/policies/policy.js';
import { OPERATOR_ANSWER_FORMS } from './operator-answers.forms.js';

const ID = '01k0000000000000000000000a';
const AT = '2026-11-30T07:15:00.123Z';
const WARNING = { policy: 'default#all', line: 2, code: 'permits-unparsed', text: 'It permits.' } as const;

const POLICY: PolicyView = {
  name: 'default',
  revision: 1,
  updatedBy: 'ann',
  updatedAt: AT,
  problem: null,
  decidedLastWeek: 4,
  text: 'permit (principal, action, resource);',
  warnings: [WARNING],
};
const { text: _, warnings: __, ...SUMMARY } = POLICY;
const POLICIES: PolicyList = { items: [SUMMARY], next: null, revision: 3, version: 'v1' };
const TRIAL: PolicyTrialView = {
  verdict: 'hold',
  policies: ['default#writes'],
  why: 'It writes.',
  hold: {
    approvers: ['dba'],
    quorum: 1,
    decideIn: 'web',
    reauthenticateSeconds: 900,
    holdSeconds: 600,
    inTransaction: 'hold',
    transactionHoldSeconds: 30,
    warning: null,
    slackChannels: ['C01'],
  },
  version: 'v1',
  facts: { statements: 1 },
  access: [{ database: 'shop' }],
  standing: null,
  catalog: false,
  warnings: [],
};

const TARGET: TargetView = {
  id: ID,
  name: 'shop',
  protocol: 'mysql',
  defaultDatabase: 'shop',
  labels: { stage: 'test' },
  limits: { ttlSecondsMax: 600 },
  report: { flavour: 'mariadb', version: '10.11', tls: { version: 'TLSv1.3', cipher: 'x' }, checkedAt: AT },
  host: 'db.example',
  port: 3306,
  tls: { mode: 'verify-ca', ca: 'PEM' },
  credentials: 'dynamic',
  username: 'prov',
  hasCredential: true,
  createdAt: AT,
  lastLook: { at: AT, ok: false, code: 'target_unreachable', what: 'Nobody answers.' },
  openTasks: 2,
  warnings: [{ code: 'tls-off', text: 'It is off.' }],
};
const TEST: TargetTestView = {
  ok: true,
  at: AT,
  durationMs: 12,
  steps: [{ step: 'login', outcome: 'ok', detail: null }],
  code: null,
  hint: null,
  missing: ['GRANT SELECT ON *.* TO x'],
  target: TARGET,
};
const TARGETS: { readonly items: readonly AnyTargetView[]; readonly next: string | null } = {
  items: [TARGET],
  next: ID,
};

const PRINCIPAL: KnownPrincipalView = {
  id: ID,
  name: 'ann',
  kind: 'user',
  roles: ['approver'],
  groups: ['dba'],
  mappedGroups: ['ops'],
  sponsor: null,
  createdAt: AT,
  disabledAt: null,
  provider: null,
  email: null,
  displayName: null,
  signedInAt: AT,
  samePersonAs: ['ann-1'],
  keys: 1,
  alike: ['ann-2'],
};

describeAlike([
  ['a policy', POLICY, policyView, formView(OPERATOR_ANSWER_FORMS.policy)],
  ['a list of policies', POLICIES, policyList, formView(OPERATOR_ANSWER_FORMS.policies)],
  ['a trial', TRIAL, policyTrialView, formView(OPERATOR_ANSWER_FORMS.trial)],
  ['a target', TARGET, anyTargetView, formView(OPERATOR_ANSWER_FORMS.target)],
  ['a list of targets', TARGETS, targetPage, formView(OPERATOR_ANSWER_FORMS.targets)],
  ['a test of a target', TEST, targetTestView, formView(OPERATOR_ANSWER_FORMS.targetTest)],
  ['a principal', PRINCIPAL, knownPrincipalView, formView(OPERATOR_ANSWER_FORMS.principal)],
  [
    'a list of principals',
    { items: [PRINCIPAL], next: null },
    principalPage,
    formView(OPERATOR_ANSWER_FORMS.principals),
  ],
]);
