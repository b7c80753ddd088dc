import { describe, expect, it } from 'vitest';
import type { ApprovalCounts, ApprovalSummaryView } from '../../src/contracts/approvals/approval.js';
import type { Page } from '../../src/contracts/page.js';
import type { PrincipalView } from '../../src/contracts/identity/principal.js';
import { newApprovalId } from '../../src/domain/ids.js';
import { principalEntity } from '../../src/persistence/entities/identity/principal.js';
import type { StatementPreview } from '../../src/protocols/sql/statement-preview.js';
import { TERMS } from '../support/approval-state.js';
import { call } from '../support/grants.js';
import { useQuestions } from '../support/questions.js';
import { useSharedBroker } from '../support/shared-broker.js';

/**
 * Separation of duties: two principals of one person count once and decide nothing for each other, and nobody decides for an
 * agent that they answer for.
 */

const broker = useSharedBroker('default');
const questions = useQuestions(broker);

interface Somebody {
  readonly name: string;
  readonly key: string;
}

async function newPerson(name = `p-${newApprovalId()}`): Promise<Somebody> {
  return { name, key: await questions().newApprover([], name) };
}

/** An agent of its own, with the id by which its grants name it. */
async function newAgent(): Promise<{ readonly name: string; readonly principalId: string }> {
  const name = `agent-${newApprovalId()}`;
  const body = { name, kind: 'agent', roles: ['agent'] };
  const made = await call<PrincipalView>(broker(), 'POST', '/v1/principals', { key: broker().keys.operator, body });
  expect(made.status).toBe(201);
  return { name, principalId: made.body.id };
}

function change(name: string, body: object, key = broker().keys.operator) {
  return call<PrincipalView>(broker(), 'PATCH', `/v1/principals/${name}`, { key, body });
}

/** Two principals that an operator has said to be one person's. */
async function oneOfTwo(): Promise<readonly [Somebody, Somebody]> {
  const two = [await newPerson(), await newPerson()] as const;
  const { status, body } = await change(two[1].name, { samePersonAs: two[0].name });
  expect({ status, body }).toMatchObject({ status: 200, body: { samePersonAs: [two[0].name] } });
  return two;
}

async function refusalOf(id: string, { key }: Somebody): Promise<unknown> {
  const { status, body } = await questions().decide(id, { decision: 'approve' }, key);
  return status === 200 ? body.state : (body as { readonly code?: unknown }).code;
}

async function canDecide(id: string, { key }: Somebody): Promise<ApprovalSummaryView['canDecide']['code']> {
  return (await questions().look(id, key)).body.canDecide.code;
}

const PREVIEW: StatementPreview = {
  takenAtMs: 1,
  tables: [],
  affected: { kind: 'exact', rows: 1 },
  sample: null,
  triggers: [],
  cascades: [],
  locks: null,
};
const TWO_NEEDED = { terms: { ...TERMS, quorum: 2 } };

describe('two principals of one person', () => {
  it('count once, whichever of them has answered', async () => {
    const [first, second] = await oneOfTwo();
    const id = await questions().ask(TWO_NEEDED);
    expect(await refusalOf(id, second)).toBe('pending');
    expect(await refusalOf(id, first)).toBe('approval_answered_by_you');
    expect(await canDecide(id, first)).toBe('approval_answered_by_you');
    expect(await refusalOf(id, await newPerson())).toBe('approved');
  });

  it('count once also when both had answered before somebody found out', async () => {
    const [first, second] = [await newPerson(), await newPerson()];
    const id = await questions().ask({ terms: { ...TERMS, quorum: 3 } });
    expect(await refusalOf(id, first)).toBe('pending');
    expect(await refusalOf(id, second)).toBe('pending');
    await change(first.name, { samePersonAs: second.name });
    expect(await refusalOf(id, await newPerson())).toBe('pending');
    expect(await refusalOf(id, await newPerson())).toBe('approved');
  });

  it('answer once when both do at the same moment', async () => {
    for (let round = 0; round < 10; round += 1) {
      const [first, second] = await oneOfTwo();
      const id = await questions().ask(TWO_NEEDED);
      const said = await Promise.all([refusalOf(id, first), refusalOf(id, second)]);
      expect(new Set(said)).toEqual(new Set(['approval_answered_by_you', 'pending']));
      expect((await questions().look(id)).body.decisions).toHaveLength(1);
    }
  });

  it('decide nothing for each other', async () => {
    const [first, second] = await oneOfTwo();
    const asker = await questions().source.getRepository(principalEntity).findOneByOrFail({ name: first.name });
    const id = await questions().ask({}, { principalId: asker.id });
    for (const one of [first, second]) expect(await refusalOf(id, one)).toBe('approval_of_own_request');
    expect(await refusalOf(id, await newPerson())).toBe('approved');
  });

  it('are told in both views, and are two again when an operator says so', async () => {
    const [first, second] = await oneOfTwo();
    const third = await newPerson();
    const joined = await change(third.name, { samePersonAs: second.name });
    expect(joined.body.samePersonAs).toEqual([first.name, second.name]);
    // The first of them gave the person its id: the others stay one without it.
    expect((await change(first.name, { samePersonAs: null })).body.samePersonAs).toEqual([]);
    const key = broker().keys.operator;
    const view = await call<PrincipalView>(broker(), 'GET', `/v1/principals/${second.name}`, { key });
    expect(view.body.samePersonAs).toEqual([third.name]);
    const page = await call<Page<PrincipalView>>(broker(), 'GET', '/v1/principals?limit=200', { key });
    const listed = new Map(page.body.items.map(({ name, samePersonAs }) => [name, samePersonAs]));
    expect([first, second, third].map(({ name }) => listed.get(name))).toEqual([[], [third.name], [second.name]]);
    const id = await questions().ask(TWO_NEEDED);
    expect([await refusalOf(id, first), await refusalOf(id, second)]).toEqual(['pending', 'approved']);
  });

  it('are no agents, and operators alone say that they are of one one person', async () => {
    const agent = await newAgent();
    const person = await newPerson();
    for (const [name, other] of [
      [agent.name, person.name],
      [person.name, agent.name],
    ] as const) {
      const { status, body } = await change(name, { samePersonAs: other });
      expect({ status, body }).toMatchObject({ status: 422, body: { code: 'principal_person_conflict' } });
    }
    expect((await change(person.name, { samePersonAs: 'nobody-of-that-name' })).body).toMatchObject({
      code: 'principal_not_found',
    });
    expect((await change(person.name, { samePersonAs: null }, broker().keys.approver)).status).toBe(403);
  });
});

describe('an agent that somebody answers for', () => {
  it('is not decided for by them, by no principal of theirs, and is shown with them', async () => {
    const [first, second] = await oneOfTwo();
    const agent = await newAgent();
    expect((await change(agent.name, { sponsor: first.name })).body).toMatchObject({ sponsor: first.name });
    const id = await questions().ask({}, { principalId: agent.principalId });
    for (const one of [first, second]) {
      expect(await refusalOf(id, one)).toBe('approval_of_own_request');
    }
    expect(await refusalOf(id, await newPerson())).toBe('approved');
  });

  it('keeps the sponsor of its question, and the one it has now', async () => {
    const [before, now, other] = [await newPerson(), await newPerson(), await newPerson()];
    const agent = await newAgent();
    const sponsor = { name: before.name.toUpperCase(), isClaim: true };
    const id = await questions().ask({}, { principalId: agent.principalId, sponsor });
    await change(agent.name, { sponsor: now.name });
    for (const one of [before, now]) {
      expect(await refusalOf(id, one)).toBe('approval_of_own_request');
      expect(await canDecide(id, one)).toBe('approval_of_own_request');
    }
    expect((await questions().look(id)).body.sponsor).toEqual(sponsor);
    expect(await refusalOf(id, other)).toBe('approved');
  });

  it.each(['okta:ann.%', 'ann.%', 'ANN.%@EXAMPLE.COM', 'subject-%'])(
    'may call them as their provider does: %s',
    async (called) => {
      const of = newApprovalId();
      const person = await newPerson(`x${of}`);
      const { source } = questions();
      await source.getRepository(principalEntity).update({ name: person.name }, { name: `okta:ann.${of}` });
      const { id: principalId } = await source
        .getRepository(principalEntity)
        .findOneByOrFail({ name: `okta:ann.${of}` });
      await source.query(
        `INSERT INTO identities (id, provider, issuer, subject, principal_id, email, first_seen_at, last_seen_at)
         VALUES (SHA2(?, 256), 'okta', 'https://okta.example', ?, ?, ?, 1, 1)`,
        [of, `subject-${of}`, principalId, `ann.${of}@example.com`],
      );
      const sponsor = { name: called.replace('%', of), isClaim: true };
      const id = await questions().ask({}, { sponsor });
      expect(await refusalOf(id, person)).toBe('approval_of_own_request');
      expect(await refusalOf(id, await newPerson())).toBe('approved');
    },
  );

  it('has a sponsor who is a person, and only an agent has one', async () => {
    const [agent, another, person] = [await newAgent(), await newAgent(), await newPerson()];
    for (const [name, sponsor] of [
      [agent.name, another.name],
      [person.name, person.name],
    ] as const) {
      const { status, body } = await change(name, { sponsor });
      expect({ status, body }).toMatchObject({ status: 422, body: { code: 'principal_person_conflict' } });
    }
    await change(agent.name, { sponsor: person.name });
    expect((await change(agent.name, { sponsor: null })).body.sponsor).toBeNull();
  });
});

describe('what waits for somebody', () => {
  const pageOf = async (query: string, key: string) =>
    (await call<Page<ApprovalSummaryView>>(broker(), 'GET', `/v1/approvals?${query}`, { key })).body;
  const countsOf = async (key: string) =>
    (await call<ApprovalCounts>(broker(), 'GET', '/v1/approvals/counts', { key })).body;

  it('is listed and counted by groups, persons, sponsor and terms', async () => {
    const target = `t-${newApprovalId()}`;
    const [first, second] = await oneOfTwo();
    const asker = await questions().source.getRepository(principalEntity).findOneByOrFail({ name: second.name });
    const ask = (terms: object, grant: object = {}) =>
      questions().ask({ terms: { ...TERMS, ...terms } }, { targetName: target, ...grant });
    const before = await countsOf(first.key);
    const open = [await ask({}), await ask({ quorum: 2 })];
    await ask({ approvers: ['dba'] });
    await ask({ decideIn: 'web' });
    await ask({ reauthenticateSeconds: 900 });
    await ask({}, { principalId: asker.id });
    await ask({}, { sponsor: { name: first.name, isClaim: true } });
    const answered = await ask({ quorum: 2 });
    await questions().decide(answered, { decision: 'approve' }, second.key);
    const found = await pageOf(`decidable=true&target=${target}`, first.key);
    expect(found).toMatchObject({ next: null });
    expect(found.items.map(({ id }) => id)).toEqual([...open].sort().toReversed());
    expect(found.items.every(({ canDecide: { allowed } }) => allowed)).toBe(true);
    const after = await countsOf(first.key);
    expect([after.pending - before.pending, after.decidable - before.decidable, after.more]).toEqual([8, 2, false]);
    const { operator, agent } = broker().keys;
    expect((await pageOf(`decidable=true&target=${target}`, operator)).items).toEqual([]);
    expect(await countsOf(agent)).toMatchObject({ decidable: 0 });
    expect((await pageOf(`decidable=true&state=denied&target=${target}`, first.key)).items).toEqual([]);
  });

  it('comes page by page', async () => {
    const target = `t-${newApprovalId()}`;
    const person = await newPerson();
    const ids: string[] = [];
    for (let index = 0; index < 3; index += 1) ids.push(await questions().ask({}, { targetName: target }));
    const first = await pageOf(`decidable=true&limit=2&target=${target}`, person.key);
    const rest = await pageOf(`decidable=true&limit=2&target=${target}&cursor=${first.next ?? ''}`, person.key);
    const sorted = [...ids].sort().toReversed();
    expect([first.items, rest.items].map((items) => items.map(({ id }) => id))).toEqual([
      sorted.slice(0, 2),
      sorted.slice(2),
    ]);
    expect(rest.next).toBeNull();
  });

  it('is found by the name of its asker and by time', async () => {
    const agent = await newAgent();
    const from = new Date().toISOString();
    const id = await questions().ask({}, { principalId: agent.principalId });
    const to = new Date(Date.now() + 1).toISOString();
    const found = async (query: string, key = broker().keys.approver) =>
      (await pageOf(`principal=${agent.name}${query}`, key)).items.map((approval) => approval.id);
    expect(await found('')).toEqual([id]);
    expect(await found(`&from=${from}&to=${to}`)).toEqual([id]);
    expect(await found(`&from=${to}`)).toEqual([]);
    expect(await found(`&to=${from}`)).toEqual([]);
    expect(await found('', broker().keys.agent)).toEqual([]);
    expect((await pageOf('principal=nobody-of-that-name', broker().keys.approver)).items).toEqual([]);
  });
});

describe('how somebody must be known', () => {
  it.each([
    ['decideIn', { decideIn: 'web' }, 'approval_web_only', {}],
    [
      'reauthenticateSeconds',
      { reauthenticateSeconds: 900 },
      'reauthentication_required',
      { seconds: 900, signIn: null },
    ],
  ] as const)('is kept with the question: %s lets no key decide', async (_, terms, code, fields) => {
    const person = await newPerson();
    const id = await questions().ask({ terms: { ...TERMS, ...terms } });
    const { body } = await questions().look(id, person.key);
    expect(body).toMatchObject({ ...terms, canDecide: { allowed: false, code } });
    for (const decision of ['approve', 'deny']) {
      const answer = await questions().decide(id, { decision }, person.key);
      expect(answer).toMatchObject({ status: 403, body: { code, ...fields } });
    }
    expect((await questions().look(id)).body).toMatchObject({ state: 'pending', decisions: [] });
  });

  it('goes on as it was for a question that an older version has asked', async () => {
    const id = await questions().ask();
    await questions().source.query(
      "UPDATE approvals SET summary = JSON_REMOVE(summary, '$.terms.decideIn', '$.terms.reauthenticateSeconds') WHERE id = ?",
      [id],
    );
    const person = await newPerson();
    expect((await questions().look(id, person.key)).body).toMatchObject({
      decideIn: 'anywhere',
      reauthenticateSeconds: null,
      canDecide: { allowed: true },
    });
    expect(await refusalOf(id, person)).toBe('approved');
  });
});

describe('a decision on a revision', () => {
  it('is refused once the question has changed, with the new revision', async () => {
    const person = await newPerson();
    const id = await questions().ask();
    const { revision } = (await questions().look(id, person.key)).body;
    await questions().desk.show(id, PREVIEW);
    const stale = await questions().decide(id, { decision: 'approve', revision }, person.key);
    expect(stale).toMatchObject({ status: 409, body: { code: 'approval_changed', revision: revision + 1 } });
    const fresh = await questions().decide(id, { decision: 'approve', revision: revision + 1 }, person.key);
    expect(fresh).toMatchObject({ status: 200, body: { state: 'approved' } });
  });

  it('of two from one revision takes one, however they race', async () => {
    for (let round = 0; round < 10; round += 1) {
      const [ann, bob] = [await newPerson(), await newPerson()];
      const id = await questions().ask(TWO_NEEDED);
      const { revision } = (await questions().look(id)).body;
      const said = await Promise.all(
        [ann, bob].map(async ({ key }) => {
          const { status, body } = await questions().decide(id, { decision: 'approve', revision }, key);
          return status === 200 ? body.state : (body as { readonly code?: unknown }).code;
        }),
      );
      expect(new Set(said)).toEqual(new Set(['approval_changed', 'pending']));
    }
  });
});
