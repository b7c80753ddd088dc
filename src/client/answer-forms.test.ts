import { expect, it } from 'vitest';
import { grantDetailView, grantOpenedView, grantView, connectionView } from '../contracts/grants/grant.js';
import { targetSummaryView } from '../contracts/grants/target.js';
import { readForm } from '../kernel/json-form.js';
import { GRANT_FORMS, TOLD_PROBLEM_FORM } from './answer.forms.js';
import { describeAlike } from './answer-forms.fixture.js';
import { formView } from './api-client.js';

const ID = '01m7ytqm8g9xt6m7ken4f6b9rz';
const AT = '2026-11-30T07:15:00.123Z';

const GRANT = {
  id: ID,
  state: 'active',
  principal: { id: ID, name: 'agent', kind: 'agent' },
  sponsor: { name: 'somebody', isClaim: true },
  target: 'shop',
  protocol: 'mysql',
  task: { title: 'A test', reference: 'JIRA-42' },
  access: [{ database: 'shop', privileges: ['SELECT'] }],
  ttlSeconds: 600,
  onHold: 'wait',
  approval: { id: ID },
  deadline: AT,
  closeReason: 'completed',
  closedBy: 'agent',
  refusal: { code: 'grant_denied', detail: 'No.' },
  requestedAt: AT,
  activeAt: AT,
  closingAt: AT,
  sealedAt: AT,
};
const CONNECTION = {
  protocol: 'mysql',
  host: 'gw.example',
  port: 3306,
  username: 'dw_x',
  password: 'a"b',
  database: 'shop',
  tls: { ca: '-----BEGIN CERTIFICATE-----\n' },
  dsn: 'mysql://x',
  env: { MYSQL_HOST: 'gw.example' },
  files: { 'my.cnf': '[client]\n' },
  folderEnv: ['MYSQL_HOME'],
  programs: [{ name: 'mysql', args: ['--defaults-file=my.cnf'] }],
  clients: { mysql2: { ssl: {} } },
};
const DETAIL = {
  ...GRANT,
  outlook: { words: 'All waits.', access: [{ database: 'shop' }], holdSeconds: 600 },
  waiting: [{ id: ID, kind: 'statement', statementKind: 'update', askedAt: AT, expiresAt: AT }],
};
const WAY = { access: [{ database: 'shop' }], verdict: 'hold', why: 'It writes.' };
const TARGET = {
  id: ID,
  name: 'shop',
  protocol: 'mysql',
  defaultDatabase: 'shop',
  labels: { stage: 'test' },
  limits: { ttlSecondsMax: 600 },
  report: { flavour: 'mariadb', version: '10.11', tls: { version: 'TLSv1.3', cipher: 'x' }, checkedAt: AT },
  asking: { words: 'Ask.', withoutAccess: WAY, everything: WAY, outlook: DETAIL.outlook },
};

describeAlike([
  ['a grant that was asked for', { ...DETAIL, connection: CONNECTION }, grantOpenedView, formView(GRANT_FORMS.opened)],
  ['a grant that is looked at', DETAIL, grantDetailView, formView(GRANT_FORMS.detail)],
  ['a grant that is closed', GRANT, grantView, formView(GRANT_FORMS.grant)],
  ['a connection', CONNECTION, connectionView, formView(GRANT_FORMS.connection)],
  ['a target', TARGET, targetSummaryView, formView(GRANT_FORMS.target)],
]);

it('a misfit is told by its place', () => {
  const { connection: _, ...others } = { ...DETAIL, connection: CONNECTION };
  const broken = { ...others, connection: { ...CONNECTION, programs: [{ name: 'mysql', args: [1] }] } };
  const { error } = readForm(GRANT_FORMS.opened, broken);
  expect(error?.issues).toEqual([
    { path: ['connection', 'programs', 0, 'args', 0], message: 'must be of type string' },
  ]);
  expect(readForm(GRANT_FORMS.grant, []).error?.issues).toEqual([{ path: [], message: 'must be of type object' }]);
});

it('of a problem everything stays, and what is told of it is checked', () => {
  const problem = {
    title: 'No.',
    code: 'grant_denied',
    detail: 'A.',
    next: 'B.',
    requestId: 'c',
    grantId: ID,
    errors: [],
  };
  expect(readForm(TOLD_PROBLEM_FORM, problem)).toEqual({ success: true, data: problem });
  expect(readForm(TOLD_PROBLEM_FORM, { title: 'No.', code: 'x' }).success).toBe(true);
  for (const wrong of [{}, { ...problem, code: 1 }, { ...problem, detail: null }, { ...problem, next: 1 }, null, 'x']) {
    expect(readForm(TOLD_PROBLEM_FORM, wrong).success).toBe(false);
  }
});

it('a form with a rule that nobody keeps is read by nobody', () => {
  expect(() => readForm(JSON.parse('{"type":"string","maxLength":3}') as object, 'x')).toThrow('maxLength');
  expect(() => readForm({ type: 'date' }, 'x')).toThrow('date');
  expect(() => readForm({ $ref: '#/$defs/None' }, 'x')).toThrow('None');
});
