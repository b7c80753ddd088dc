import { z } from 'zod';
import { trialSubject } from '../../../src/contracts/policies/policy.js';
import { commonLimits } from '../../../src/contracts/grants/target.js';
import { shownLines } from '../../../src/domain/visible-text.js';
import { BrokerError } from '../../../src/kernel/errors.js';
import type { ApprovalViews } from '../../../src/protocol/approval-views.js';
import type { GrantRules } from '../../../src/protocol/grant-rules.js';
import type { PolicyQuestions } from '../../../src/protocol/policy-questions.js';
import { requestValue } from '../../../src/protocol/request-value.js';
import type { TargetProtocol } from '../../../src/protocol/target-protocol.js';
import type { TargetRules } from '../../../src/protocol/target-rules.js';
import { ECHO_ACCESS_WORDS, ECHO_WORDS } from './client-words.js';
import { isSecretOf, newCredential, verifierOf } from './credential.js';
import { echoAccess, readLine, ROOM, VERBS } from './lines.js';
import { ECHO_RECORDED } from './recorded.js';
import { ECHO_VOCABULARY, echoCase, echoGrantCase } from './vocabulary.js';

const rooms = z.array(z.string().regex(ROOM)).min(1).max(20);
const { ttlSecondsMax, sessionsMax } = commonLimits;
/** What targets may limit: `rooms` are those that access may name. */
const limitsRequest = z.strictObject({
  ttlSecondsMax: ttlSecondsMax.default(600),
  sessionsMax: sessionsMax.default(8),
  rooms,
});
const limits = z.object({ ttlSecondsMax: z.int(), sessionsMax: z.int(), rooms: z.array(z.string()) });
const limitsChange = z.strictObject({
  ttlSecondsMax: ttlSecondsMax.exactOptional(),
  sessionsMax: sessionsMax.exactOptional(),
  rooms: rooms.exactOptional(),
});
const accessRules = z.array(echoAccess);
const trial = z.strictObject({ line: z.string() });
const echoFacts = z.object({
  action: z.string(),
  room: z.string().nullable(),
  loud: z.boolean(),
  reason: z.string().nullable(),
});

const targets: TargetRules = {
  registered: (asked) => ({
    limits: requestValue(limitsRequest, asked.limits ?? {}, ['limits']),
    defaultDatabase: null,
  }),
  changed: (terms, asked) => ({
    terms: {
      limits: { ...limits.parse(terms.limits), ...requestValue(limitsChange, asked.limits ?? {}, ['limits']) },
      defaultDatabase: null,
    },
    asksForMore: false,
  }),
};

const grants: GrantRules = {
  words: ECHO_ACCESS_WORDS,
  inWords: (rule) => JSON.stringify(rule),
  beyond: (access, others) =>
    access.filter((rule) => !others.flat().some((had) => JSON.stringify(had) === JSON.stringify(rule))),
  plan(asked, terms, at) {
    const access = requestValue(accessRules, asked ?? [], at);
    const allowed = new Set(limits.parse(terms.limits).rooms);
    if (access.length === 0) throw new BrokerError('grant_access_missing');
    const over = access.find(({ room }) => !allowed.has(room));
    if (over !== undefined) throw new BrokerError('grant_privileges_over_limit', { detail: `The room ${over.room}.` });
    return { access, database: null };
  },
  widest: (terms) => limits.parse(terms.limits).rooms.map((room) => ({ room, verbs: [...VERBS] })),
  newCredential,
  verifierOf,
  isSecretOf,
  connection: ({ host, port, username }, secret) => ({
    dsn: `echo://${username}:${secret}@${host}:${port}`,
    env: { ECHO_HOST: host, ECHO_PORT: String(port), ECHO_NAME: username, ECHO_SECRET: secret },
    files: {},
    folderEnv: [],
    programs: [{ name: 'nc', args: [host, String(port)] }],
    clients: { netcat: `nc ${host} ${port}` },
  }),
};

const policies: PolicyQuestions = {
  grantCase: (subject, { access, ttlSeconds }) => echoGrantCase(subject, accessRules.parse(access), ttlSeconds),
  standing: ({ access }) => access,
  outlook: ({ access }) => ({
    words: 'What is said runs at once; what is shouted waits for people.',
    access,
    mayWait: true,
    holdSeconds: null,
  }),
  factsInWords: (facts) => echoFacts.parse(facts).action,
  trial(asked, _target, subject, at) {
    const { facts } = readLine(requestValue(trial, asked, at).line);
    return { asked: echoCase(subject, facts), facts };
  },
};

const asked = z.object({ line: z.string(), facts: echoFacts });

const approvals: ApprovalViews = {
  excerpt: () => ({}),
  operation(question) {
    const { line, facts } = asked.parse(question);
    return { text: line, shown: shownLines(line), facts };
  },
  preview: () => ({}),
  headline: ({ kind }, target) => ({
    verb: kind.toUpperCase(),
    place: target,
    amount: null,
    isExact: false,
    dangers: [],
  }),
  digest: () => ({ values: [], operation: [], preview: [], sample: null }),
  isAlike: () => false,
  difference: () => null,
  shape: () => null,
  whyNoRowLimit: () => 'What is said has no rows.',
};

/** A protocol that only tests know: what an echo server speaks. */
export const ECHO: TargetProtocol = {
  name: 'echo',
  title: 'Echo',
  defaultPort: 7,
  words: ECHO_WORDS,
  vocabulary: ECHO_VOCABULARY,
  recorded: ECHO_RECORDED,
  targets,
  grants,
  approvals,
  policies,
  published: {
    AccessRequest: echoAccess,
    AccessRule: echoAccess,
    AccessOutlook: echoAccess,
    Limits: limits,
    LimitsRequest: limitsRequest,
    LimitsChange: limitsChange,
    ConnectionClients: z.object({ netcat: z.string() }),
    OperationTrial: trial.extend(trialSubject),
    OperationFacts: echoFacts,
    ApprovalExcerpt: z.object({}),
    AskedOperation: z.object({ text: z.string(), shown: z.string(), facts: echoFacts }),
    ReadyPreview: z.object({}),
  },
  wireCode: (code) => `NO ${code}`,
};
