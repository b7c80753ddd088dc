import { describeAlike } from '../../client/answer-forms.fixture.js';
import { formView } from '../../client/api-client.js';
import { APPROVAL_VIEW } from '../../contracts/approvals/approval.fixture.js';
import {
  approvalPage,
  type ApprovalSummaryView,
  type ApprovalView,
  approvalView,
} from '../../contracts/approvals/approval.js';
import { type GrantView, grantPage } from '../../contracts/grants/grant.js';
import { meView, type MeView } from '../../contracts/sign-in/session.js';
import { ANSWER_FORMS } from './answers.forms.js';

const ID = '01k0000000000000000000000a';
const AT = '2026-11-30T07:15:00.123Z';
const SHAPE = { kind: 'shape', runsMax: 5, rowsMax: null } as const;

/** One that people have decided, that has run, and with everything that may be beside it. */
const APPROVAL: ApprovalView = {
  ...APPROVAL_VIEW,
  decisions: [
    {
      principal: 'ann',
      decision: 'approve',
      reason: null,
      scope: SHAPE,
      groups: ['dba'],
      decidedWith: 'api-key',
      at: AT,
    },
  ],
  withdrawals: [
    {
      principal: 'bo',
      reason: 'No.',
      scope: { kind: 'once', rowsMax: 1 },
      decidedAt: AT,
      decidedWith: null,
      at: AT,
      withdrawnWith: 'session',
    },
  ],
  scope: SHAPE,
  slackChannels: ['C01'],
  request: {
    access: [{ database: 'shop' }],
    ttlSeconds: 60,
    newAccess: { access: [{ database: 'shop' }], comparedWith: 2 },
    outlook: { words: 'All waits.', access: [{ database: 'shop' }], holdSeconds: 600 },
  },
  ran: [
    {
      operation: 1,
      at: AT,
      outcome: 'error',
      rows: null,
      changed: 0,
      tookUs: 12,
      error: { code: 'ER_X', state: '42000' },
    },
  ],
  told: [{ state: 'approved', isNow: true, code: null, text: 'It ran.' }],
  policyTexts: [{ policy: 'default#a', name: 'default', revision: 1, line: 3, text: 'permit', isInForce: true }],
  groupMembers: [{ group: 'dba', members: 2, isWhole: true }],
  newKeys: [{ id: 'abc', label: null, madeBy: 'ann', createdAt: AT }],
};

/** Its parts are those of an approval. */
const SUMMARY: ApprovalSummaryView = approvalPage.shape.items.element.parse(APPROVAL_VIEW);

const GRANT: GrantView = {
  id: ID,
  state: 'closing',
  principal: { id: ID, name: 'agent', kind: 'agent' },
  sponsor: null,
  target: 'shop',
  protocol: 'mysql',
  task: { title: 'A test', reference: null },
  access: [{ database: 'shop' }],
  ttlSeconds: 600,
  onHold: 'wait',
  approval: { id: ID },
  deadline: AT,
  closeReason: 'completed',
  closedBy: 'agent',
  refusal: null,
  requestedAt: AT,
  activeAt: AT,
  closingAt: AT,
  sealedAt: null,
};

const ME: MeView = {
  principal: { id: ID, name: 'ann', kind: 'user', email: null, displayName: 'Ann' },
  person: ID,
  roles: ['approver'],
  groups: ['dba'],
  permissions: ['me.read'],
  signIn: { by: 'device', key: null, provider: 'corp', session: ID, signedInAt: AT },
  sponsor: { name: 'bo', isClaim: true },
  limits: {
    bodyBytes: 1,
    streams: 2,
    session: { idleSeconds: 60, seconds: 600, endsAt: AT, latestEndsAt: AT },
  },
  slack: { account: { team: 'T', user: 'U', linkedAt: AT } },
  page: { build: 'b' },
};

describeAlike([
  ['an approval', APPROVAL, approvalView, formView(ANSWER_FORMS.approval)],
  ['a list of approvals', { items: [SUMMARY], next: ID }, approvalPage, formView(ANSWER_FORMS.approvals)],
  ['a list of grants', { items: [GRANT], next: null }, grantPage, formView(ANSWER_FORMS.grants)],
  ['who the caller is', ME, meView, formView(ANSWER_FORMS.me)],
]);
