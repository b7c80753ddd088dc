import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ApprovalCounts, ApprovalSummaryView, ApprovalView } from '../../src/contracts/approvals/approval.js';
import type { Page } from '../../src/contracts/page.js';
import type { VerifiedIdentity } from '../../src/domain/identity/verified-identity.js';
import { newApprovalId } from '../../src/domain/ids.js';
import { systemClock } from '../../src/kernel/clock.js';
import { principalEntity, type PrincipalRow } from '../../src/persistence/entities/identity/principal.js';
import { IdentityMappingRepository } from '../../src/persistence/identity/identity-mapping.repository.js';
import { IdentityProviderRepository } from '../../src/persistence/identity/identity-provider.repository.js';
import { IdentityRepository } from '../../src/persistence/identity/identity.repository.js';
import { PersonRepository } from '../../src/persistence/identity/person.repository.js';
import { TERMS } from '../support/approval-state.js';
import { type BegunSession, beginSession } from '../support/begun-session.js';
import { useQuestions } from '../support/questions.js';
import { useSharedBroker } from '../support/shared-broker.js';

/** How people decide who are signed in. Their sessions are begun at Redis, as the api itself begins them. */

const MINUTE_MS = 60_000;
const FRESH = { ...TERMS, reauthenticateSeconds: 900 };

const broker = useSharedBroker('default');
const questions = useQuestions(broker);

function signedIn(principal: PrincipalRow, begun: Omit<BegunSession, 'principal'> = {}): Promise<string> {
  return beginSession(broker(), { principal, ...begun });
}

interface Answered<T> {
  readonly status: number;
  readonly body: T;
}

/** What a page of the broker calls. */
async function callAs<T>(cookie: string, method: string, path: string, body?: object): Promise<Answered<T>> {
  const response = await fetch(`${broker().api}${path}`, {
    method,
    headers: {
      cookie: `__Host-doorwarden=${cookie}`,
      'sec-fetch-site': 'same-origin',
      'x-doorwarden': '1',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as T };
}

function decideAs(cookie: string, id: string, body: object = { decision: 'approve' }) {
  return callAs<ApprovalView & { readonly code?: string }>(cookie, 'POST', `/v1/approvals/${id}/decisions`, body);
}

async function newApprover(groups: readonly string[] = []): Promise<PrincipalRow> {
  const name = `approver-${newApprovalId()}`;
  await questions().newApprover(groups, name);
  return questions().source.getRepository(principalEntity).findOneByOrFail({ name });
}

describe('somebody who was let in by a one-time link', () => {
  it('decides what no key decides, and the decision says by which way', async () => {
    const cookie = await signedIn(await newApprover());
    const id = await questions().ask({ terms: { ...TERMS, decideIn: 'web' } });
    expect((await callAs<ApprovalView>(cookie, 'GET', `/v1/approvals/${id}`)).body.canDecide.allowed).toBe(true);
    expect(await decideAs(cookie, id)).toMatchObject({
      status: 200,
      body: { state: 'approved', decisions: [{ decidedWith: 'session:link' }] },
    });
  });

  it('was signed in when the link was used, and has no provider to sign in at again', async () => {
    const approver = await newApprover();
    const id = await questions().ask({ terms: FRESH });
    const old = await signedIn(approver, { minutesAgo: 20 });
    expect(await decideAs(old, id)).toMatchObject({
      status: 403,
      body: { code: 'reauthentication_required', seconds: 900, signIn: null },
    });
    expect(await decideAs(await signedIn(approver, { minutesAgo: 10 }), id)).toMatchObject({ status: 200 });
  });

  it('is told how many people could answer for a group, each once and agents never', async () => {
    const group = `g-${newApprovalId()}`;
    const [first, second] = [await newApprover([group]), await newApprover([group])];
    await new PersonRepository(questions().source).joinPersons(first.id, second.id);
    await newApprover([group]);
    await questions()
      .source.getRepository(principalEntity)
      .update({ id: (await newApprover([group])).id }, { disabledAtMs: 1 });
    await questions()
      .source.getRepository(principalEntity)
      .update({ id: (await newApprover([group])).id }, { kind: 'agent' });
    const id = await questions().ask({ terms: { ...TERMS, approvers: [group, 'nobody'], quorum: 2 } });
    const { body } = await callAs<ApprovalView>(await signedIn(first), 'GET', `/v1/approvals/${id}`);
    expect(body.groupMembers).toEqual([
      { group, members: 2, isWhole: true },
      { group: 'nobody', members: 0, isWhole: true },
    ]);
  });

  it('finds among what waits also what a new sign-in is needed for, and is told which', async () => {
    const target = `t-${newApprovalId()}`;
    const cookie = await signedIn(await newApprover(), { minutesAgo: 20 });
    const before = (await callAs<ApprovalCounts>(cookie, 'GET', '/v1/approvals/counts')).body;
    const fresh = await questions().ask({ terms: FRESH }, { targetName: target });
    const web = await questions().ask({ terms: { ...TERMS, decideIn: 'web' } }, { targetName: target });
    const path = `/v1/approvals?decidable=true&target=${target}`;
    const { items } = (await callAs<Page<ApprovalSummaryView>>(cookie, 'GET', path)).body;
    expect(new Map(items.map(({ id, canDecide }) => [id, canDecide.code]))).toEqual(
      new Map([
        [fresh, 'reauthentication_required'],
        [web, null],
      ]),
    );
    const after = (await callAs<ApprovalCounts>(cookie, 'GET', '/v1/approvals/counts')).body;
    expect(after.decidable - before.decidable).toBe(2);
  });
});

/** From here on there is a provider, and one-time links are over. */
describe('somebody whom an identity provider signed in', () => {
  const of = newApprovalId();
  const identityOf = (provider: string, changed: Partial<VerifiedIdentity> = {}): VerifiedIdentity => ({
    provider,
    kind: 'oidc',
    issuer: `https://${provider}.example`,
    subject: `subject-${of}`,
    claims: { sub: `subject-${of}`, name: 'ann' },
    authAtMs: null,
    acr: null,
    amr: [],
    email: `ann.${of}@example.com`,
    displayName: null,
    untilMs: null,
    providerSession: null,
    ...changed,
  });
  const minutesAgo = (minutes: number) => systemClock.nowMs() - minutes * MINUTE_MS;
  let ann: PrincipalRow;
  let annElsewhere: PrincipalRow;

  beforeAll(async () => {
    const { source } = questions();
    const providers = new IdentityProviderRepository(source);
    for (const name of ['okta', 'entra']) {
      await providers.insert(name, {
        kind: 'oidc',
        purposes: ['people'],
        settings: settingsOf(name),
        sealedSecret: null,
        changedAtMs: 1,
        changedBy: 'test',
        deletedAtMs: null,
      });
    }
    const rule = { when: { sub: `subject-${of}` }, principal: '{name}', kind: 'user', roles: ['approver'], groups: [] };
    await new IdentityMappingRepository(source).add({
      revision: 1,
      rules: ['okta', 'entra'].map((provider) => ({ provider, ...rule })),
      reason: null,
      changedAtMs: 1,
      changedBy: 'test',
    });
    [ann, annElsewhere] = [await brought('okta'), await brought('entra')];
    // Nobody announces what is written past the apis: they read providers again after a second.
    await pause(1_500);
  });

  /** As the api brings somebody who signs in. */
  async function brought(provider: string): Promise<PrincipalRow> {
    const { source } = questions();
    const { issuer, subject, email } = identityOf(provider);
    const mapped = { name: `${provider}:ann`, provider, kind: 'user', roles: ['approver'], groups: [] } as const;
    const row = await new IdentityRepository(source).bringPerson(
      { provider, issuer, subject },
      { ...mapped, email, displayName: null },
      systemClock.nowMs(),
    );
    const persons = new PersonRepository(source);
    for (const other of await persons.withEmail(email ?? '')) await persons.joinPersons(row.id, other.id);
    return row;
  }

  it('decides by when the provider says that they proved who they are, and is told where to do so again', async () => {
    const id = await questions().ask({ terms: FRESH });
    const reauthenticate = {
      code: 'reauthentication_required',
      seconds: 900,
      signIn: `/auth/oidc/okta?reauthenticate=1&return=%2Fapprovals%2F${id}`,
    };
    const old = identityOf('okta', { authAtMs: minutesAgo(20) });
    expect(await decideAs(await signedIn(ann, { identity: old }), id)).toMatchObject({
      status: 403,
      body: reauthenticate,
    });
    const looked = await callAs<ApprovalView>(await signedIn(ann, { identity: old }), 'GET', `/v1/approvals/${id}`);
    expect(looked.body).toMatchObject({ canDecide: { code: reauthenticate.code }, signIn: reauthenticate.signIn });
    // A session may begin without a question to anybody.
    expect(await decideAs(await signedIn(ann, { identity: identityOf('okta') }), id)).toMatchObject({
      status: 403,
      body: reauthenticate,
    });
    const late = identityOf('okta', { authAtMs: minutesAgo(10) });
    expect(await decideAs(await signedIn(ann, { identity: late }), id)).toMatchObject({
      status: 200,
      body: { state: 'approved', decisions: [{ principal: 'okta:ann', decidedWith: 'session:okta' }] },
    });
  });

  it('is one person with whom another provider knows by the same verified e-mail', async () => {
    const id = await questions().ask({ terms: { ...TERMS, quorum: 2 } });
    const [first, second] = await Promise.all([
      signedIn(ann, { identity: identityOf('okta') }),
      signedIn(annElsewhere, { identity: identityOf('entra') }),
    ]);
    const said = await Promise.all([decideAs(first, id), decideAs(second, id)]);
    expect(new Set(said.map(({ status, body }) => (status === 200 ? body.state : body.code)))).toEqual(
      new Set(['pending', 'approval_answered_by_you']),
    );
  });

  it('is told that a provider may know more people of a group', async () => {
    const id = await questions().ask({ terms: { ...TERMS, approvers: ['dba'] } });
    const cookie = await signedIn(ann, { identity: identityOf('okta') });
    const { body } = await callAs<ApprovalView>(cookie, 'GET', `/v1/approvals/${id}`);
    expect(body.groupMembers).toEqual([{ group: 'dba', members: 0, isWhole: false }]);
  });

  it('decides for no agent that names them by their e-mail', async () => {
    const id = await questions().ask({}, { sponsor: { name: `Ann.${of}@example.com`, isClaim: true } });
    const cookie = await signedIn(annElsewhere, { identity: identityOf('entra') });
    expect(await decideAs(cookie, id)).toMatchObject({ status: 403, body: { code: 'approval_of_own_request' } });
  });
});

function settingsOf(name: string) {
  return { issuer: `https://${name}.example` };
}
