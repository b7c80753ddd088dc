import { randomBytes } from 'node:crypto';
import type { ResultSetHeader, RowDataPacket } from 'mysql2';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { COM_PING, COM_QUERY } from '../../src/protocols/mysql/wire/commands.js';
import {
  approvalsOf,
  decide,
  decideHeld,
  lookAtApproval,
  outcomeOf,
  seeHeld,
  tryDecide,
  withNewApprover,
} from '../support/approvals.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { runMariadbCli } from '../support/clients/mariadb-cli.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import type { ClientLogin, ClientOutcome } from '../support/clients/program.js';
import { runPymysql } from '../support/clients/pymysql.js';
import { commandPackets, RawClient } from '../support/clients/raw.js';
import { runAsRoot } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { problemOf } from '../support/http.js';
import { makeAccount, type ServerAccount } from '../support/task.js';
import { startTripwireProxy, type TripwireProxy } from '../support/tripwire-proxy.js';
import { HELD_POLICIES, send, useHeldShop } from './held-shop.js';
import { statementAsked } from '../support/statement-asked.js';

const broker = useSharedBroker(HELD_POLICIES);

/** Longer than it takes on a busy machine. */
const SOON = { timeout: 45_000 };
const UPDATE = 'UPDATE orders SET runs = runs + 1 WHERE id = 1';
/** Nothing of this may be lost or put in order on its way. */
const ODD =
  "\t/* to be\n kept */ UPDATE  `orders`\r\n SET runs=runs+1 , note = 'ž 😀 \\' -- no' -- a remark \t\n WHERE\tid =1 ;  ";

/** Programs that run a script and end with an error when a statement does. */
const PROGRAMS: readonly { readonly name: string; readonly run: typeof runPymysql }[] = [
  {
    name: 'mariadb',
    run: (login: ClientLogin, script: readonly string[]): Promise<ClientOutcome> => runMariadbCli(login, script),
  },
  { name: 'PyMySQL', run: runPymysql },
];

describe.each(engines())('on $flavour $version', (engine) => {
  let wire: TripwireProxy;
  beforeAll(async () => {
    wire = await startTripwireProxy(engine);
  });
  afterAll(() => wire?.close());
  const shop = useHeldShop(broker, engine, () => ({ registration: { host: wire.host, port: wire.port } }));

  describe('a statement', () => {
    test('that policy allows runs at once, one that it denies never, and nobody is asked', async () => {
      const task = await shop().newTask();
      const read = await outcomeOf(
        withMysql2(task.login, (client) => client.query<RowDataPacket[]>('SELECT id FROM orders')),
      );
      expect(read.result?.[0]).toHaveLength(3);
      const dropped = await send(task, 'DROP TABLE gone');
      expect(dropped.error).toMatchObject({ errno: 1227 });
      expect(dropped.error?.message).toMatch(/policy denies.*not dropped through the broker.*\(statement_denied\)$/);
      expect(await approvalsOf(broker(), task.id)).toEqual([]);
      expect(await shop().target.rootRows('SELECT id FROM gone')).toHaveLength(3);
      const recorded = await task.close();
      expect(recorded.statements.map(({ entry }) => entry.verdict)).toEqual(['allow', 'deny']);
      expect(recorded.of('forwarded')).toEqual([]);
    });

    test('that waits ends when another session of its grant kills it, and what was asked is still asked', async () => {
      const task = await shop().newTask();
      const [client, killer] = [await RawClient.logIn(task.login), await RawClient.logIn(task.login)];
      client.command(COM_QUERY, UPDATE);
      const { id } = await seeHeld(broker(), task.id);
      expect((await killer.query(`KILL QUERY ${client.greetedId}`)).error).toBeUndefined();
      expect((await client.response(COM_QUERY)).error).toMatchObject({
        errno: 1317,
        message: expect.stringMatching(/did not run.*\(statement_killed\)$/),
      });
      await decide(broker(), id, { decision: 'approve' });
      expect((await client.query(UPDATE)).results).toMatchObject([{ affectedRows: 1 }]);
      client.end();
      const recorded = await task.close();
      expect(recorded.of('approval.decided').map(({ outcome }) => outcome)).toEqual(['abandoned', 'approved']);
      const kill = recorded.statements.find(({ text }) => text.toString('utf8').startsWith('KILL'));
      expect(kill).toMatchObject({ entry: { verdict: 'allow' }, result: { outcome: 'ok' } });
    });

    test('that is approved reaches the target as it was sent, and not a moment earlier', async () => {
      const task = await shop().newTask();
      const client = await RawClient.logIn(task.login);
      let hasArrived = false;
      const arrival = wire.arm({
        text: exactly(commandPackets(COM_QUERY, ODD)),
        moment: 'through',
        onTrip: () => void (hasArrived = true),
      });
      client.command(COM_QUERY, ODD);
      const asked = await seeHeld(broker(), task.id, { withPreview: true });
      expect(asked.statement).toMatchObject({ text: ODD, facts: { notUnderstood: null } });
      expect(asked.preview).toMatchObject({
        affected: { kind: 'exact', rows: 1 },
        sample: { rows: [['1', '0', null]] },
      });
      expect([hasArrived, await shop().runs('orders')]).toEqual([false, 0]);
      await decide(broker(), asked.id, { decision: 'approve', reason: 'fine' });
      expect((await client.response(COM_QUERY)).results).toMatchObject([{ kind: 'ok', affectedRows: 1 }]);
      await arrival;
      expect(await shop().runs('orders')).toBe(1);
      client.destroy();
      const recorded = await task.close();
      const of = { operation: recorded.statements[0]?.entry.operation, approval: asked.id };
      expect(recorded.texts).toEqual([ODD]);
      expect(recorded.of('approval.asked')).toMatchObject([{ ...of, again: false }]);
      expect(recorded.of('approval.decided')).toMatchObject([
        {
          ...of,
          outcome: 'approved',
          decisions: [
            {
              by: 'test-approver',
              decision: 'approve',
              reason: 'fine',
              decidedWith: `api-key:${broker().keys.approver.split('_')[1]}`,
            },
          ],
        },
      ]);
      expect(recorded.of('forwarded')).toMatchObject([{ ...of, given: [expect.stringContaining('UPDATE')] }]);
      expect(recorded.statements[0]?.result).toMatchObject({ outcome: 'ok' });
    });

    test('is listed with verb, tables and row count first, and no live SQL reads as a comment', async () => {
      const task = await shop().newTask();
      const sent = send(task, `/* ${'harmless '.repeat(60)}*/\nDELETE FROM orders -- of the past\nWHERE id > 1`);
      const { id } = await seeHeld(broker(), task.id, { withPreview: true });
      const [listed] = await approvalsOf(broker(), task.id, 'pending');
      expect(listed?.excerpt).toMatchObject({
        kind: 'delete',
        tables: [{ database: shop().target.database, table: 'orders', action: 'delete', by: 'text' }],
        affected: { kind: 'exact', rows: 2 },
        line: '⟦/* harmless harmless har…⟧ ⏎ DELETE FROM orders ⟦-- of the past⟧ ⏎ WHERE id > 1',
      });
      await decide(broker(), id, { decision: 'deny' });
      await sent;
    });

    test('that is denied without a reason does not say to do what the reason says, but whom to ask', async () => {
      const task = await shop().newTask();
      const sent = send(task, UPDATE);
      const { id } = await decideHeld(broker(), task.id, { decision: 'deny' });
      const { error } = await sent;
      expect(error).toMatchObject({ errno: 1227 });
      expect(error?.message).toContain(`Approval ${id}, without a reason. Ask the approver why, or do without it.`);
      expect(error?.message).not.toMatch(/what the reason says/);
      await task.close();
    });

    test('that is denied does not run: the client reads why, by which approval, and what to do', async () => {
      const task = await shop().newTask();
      const sent = send(task, UPDATE);
      const { id } = await decideHeld(broker(), task.id, { decision: 'deny', reason: 'Not on a Friday' });
      const { error } = await sent;
      expect(error).toMatchObject({ errno: 1227 });
      expect(error?.message).toContain(`Approval ${id}: Not on a Friday. `);
      expect(error?.message).toMatch(/Do what the reason says.*\(statement_denied_by_approver\)$/);
      // The same statement again is denied at once: nobody is asked twice.
      expect((await send(task, UPDATE)).error?.message).toBe(error?.message);
      expect(await approvalsOf(broker(), task.id)).toHaveLength(1);
      expect(await shop().runs('orders')).toBe(0);
      const recorded = await task.close();
      expect(recorded.of('forwarded')).toEqual([]);
      expect(recorded.of('approval.asked').map(({ again }) => again)).toEqual([false, true]);
      expect(recorded.of('approval.decided').map(({ outcome }) => outcome)).toEqual(['denied', 'denied']);
      expect(recorded.statements.map(({ result }) => result?.body.error?.errno)).toEqual([1227, 1227]);
    });

    test('that nobody decides on does not run, and is asked again', async () => {
      const task = await shop().newTask();
      const statement = 'UPDATE brief SET runs = runs + 1 WHERE id = 1';
      const { error } = await send(task, statement);
      const [asked] = await approvalsOf(broker(), task.id);
      expect(asked?.state).toBe('timed-out');
      expect(error).toMatchObject({ errno: 3572 });
      expect(error?.message).toContain(`Approval ${asked?.id} was open for 1 s`);
      expect(error?.message).toMatch(/send the very same statement again.*\(approval_timed_out\)$/);
      expect(problemOf(await tryDecide(broker(), String(asked?.id), { decision: 'approve' })).code).toBe(
        'approval_timed_out',
      );
      expect(await shop().runs('brief')).toBe(0);
      const again = send(task, statement);
      const { id } = await decideHeld(broker(), task.id, { decision: 'approve' });
      expect((await again).result).toBe(1);
      expect(id).not.toBe(asked?.id);
      expect(await shop().runs('brief')).toBe(1);
    });

    test('that could not be understood is held and says so, and runs once approved', async () => {
      const task = await shop().newTask();
      const statement = `UPDATE orders SET runs = runs + 1 WHERE id = ${'('.repeat(250)}1${')'.repeat(250)}`;
      const sent = send(task, statement);
      const asked = await seeHeld(broker(), task.id, { withPreview: true });
      expect(asked.why).toMatch(/did not understand the statement: /);
      expect(asked.warning).toContain('could not be established');
      expect(statementAsked(asked).facts.notUnderstood).toEqual(expect.any(String));
      expect(asked.preview).toMatchObject({
        affected: { kind: 'unknown', why: expect.stringContaining('understood') },
      });
      await decide(broker(), asked.id, { decision: 'approve' });
      expect((await sent).result).toBe(1);
      const recorded = await task.close();
      expect(recorded.statements[0]?.entry).toMatchObject({
        verdict: 'hold',
        why: expect.stringContaining('did not understand the statement: '),
      });
    });

    test('that two people must approve goes on with the second approval, not with the first', async () => {
      const task = await shop().newTask();
      const second = await withNewApprover(broker());
      const paired = 'UPDATE paired SET runs = runs + 1 WHERE id = 1';
      const sent = send(task, paired);
      const { id } = await seeHeld(broker(), task.id);
      expect(await decide(broker(), id, { decision: 'approve' })).toMatchObject({ state: 'pending', quorum: 2 });
      const again = problemOf(await tryDecide(broker(), id, { decision: 'approve' }));
      expect(again.code).toBe('approval_answered_by_you');
      // Decisions reach the gateway in their order: had the first approval been enough, this one would come behind it.
      const other = send(task, UPDATE);
      const [asked] = await vi.waitFor(async () => {
        const pending = (await approvalsOf(broker(), task.id, 'pending')).filter((approval) => approval.id !== id);
        expect(pending).toHaveLength(1);
        return pending;
      }, SOON);
      await decide(broker(), String(asked?.id), { decision: 'approve' });
      expect(await other).toEqual({ result: 1 });
      expect(await lookAtApproval(broker(), id)).toMatchObject({ state: 'pending', decisions: [{}] });
      expect(await shop().runs('paired')).toBe(0);
      expect(await decide(second, id, { decision: 'approve' })).toMatchObject({ state: 'approved' });
      expect(await sent).toEqual({ result: 1 });
      expect(await shop().runs('paired')).toBe(1);
      const recorded = await task.close();
      expect(recorded.of('forwarded').map(({ approval }) => approval)).toEqual([asked?.id, id]);
      expect(recorded.of('approval.decided')).toMatchObject([
        { approval: asked?.id },
        { approval: id, outcome: 'approved', decisions: [{ decision: 'approve' }, { decision: 'approve' }] },
      ]);
    });

    test.each([{ approvals: 0 }, { approvals: 1 }])(
      'that two people must approve ends with one denial, behind $approvals approvals',
      async ({ approvals }) => {
        const task = await shop().newTask();
        const second = await withNewApprover(broker());
        const sent = send(task, 'DELETE FROM paired WHERE id = 1');
        const { id } = await seeHeld(broker(), task.id);
        if (approvals > 0) await decide(second, id, { decision: 'approve' });
        await decide(broker(), id, { decision: 'deny', reason: 'Not like this' });
        expect((await sent).error?.message).toMatch(/: Not like this\..*\(statement_denied_by_approver\)$/);
        const late = problemOf(await tryDecide(await withNewApprover(broker()), id, { decision: 'approve' }));
        expect(late.code).toBe('approval_already_decided');
        expect(await shop().target.rootRows('SELECT id FROM paired')).toHaveLength(3);
        const recorded = await task.close();
        expect(recorded.of('forwarded')).toEqual([]);
        expect(recorded.of('approval.decided')).toMatchObject([{ outcome: 'denied' }]);
      },
    );

    test.each(PROGRAMS)('of $name waits, and runs or fails as any other', async ({ run }) => {
      const task = await shop().newTask();
      const approved = run(task.tlsLogin, [UPDATE, 'SELECT runs FROM orders WHERE id = 1']);
      await decideHeld(broker(), task.id, { decision: 'approve' });
      expect(await approved).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/1\W*$/), stderr: '' });
      const denied = run(task.tlsLogin, ['DELETE FROM orders WHERE id = 1', 'SELECT 1']);
      await decideHeld(broker(), task.id, { decision: 'deny', reason: 'It is still needed.' });
      const { exitCode, stderr } = await denied;
      expect(exitCode).not.toBe(0);
      expect(stderr).toContain('It is still needed. Do what the reason says');
      expect(await shop().runs('orders')).toBe(1);
    });
  });

  describe('a prepared statement', () => {
    const PREPARED = 'UPDATE orders SET runs = runs + 1, note = ? WHERE id = ?';

    test('is asked about with its values, and with other values again', async () => {
      const task = await shop().newTask();
      await withMysql2(task.login, async (client) => {
        const execute = (...values: readonly (string | number)[]) =>
          outcomeOf(client.execute<ResultSetHeader>(PREPARED, [...values]).then(([result]) => result.affectedRows));
        const first = execute("it's \u202eshown", 1);
        const asked = await seeHeld(broker(), task.id, { withPreview: true });
        expect(asked.statement).toMatchObject({ text: PREPARED });
        expect(statementAsked(asked).values?.map(({ shown }) => shown)).toEqual([
          expect.stringContaining('⟨U+202E⟩shown'),
          '1',
        ]);
        expect(asked.preview).toMatchObject({ affected: { kind: 'exact', rows: 1 } });
        await decide(broker(), asked.id, { decision: 'approve' });
        expect((await first).result).toBe(1);
        const second = execute("it's \u202eshown", 2);
        const { id } = await decideHeld(broker(), task.id, { decision: 'deny' });
        expect(id).not.toBe(asked.id);
        expect((await second).error?.message).toContain(`Approval ${id}, without a reason.`);
        expect((await execute("it's \u202eshown", 2)).error?.message).toContain(id);
      });
      expect(await approvalsOf(broker(), task.id)).toHaveLength(2);
      expect([await shop().runs('orders', 1), await shop().runs('orders', 2)]).toEqual([1, 0]);
      const recorded = await task.close();
      expect(recorded.of('forwarded')).toHaveLength(1); // preparing takes nothing
    });
  });

  describe('a session that is held', () => {
    test('keeps its other commands waiting, in their order, while other sessions work', async () => {
      const task = await shop().newTask();
      const client = await RawClient.logIn(task.login);
      client.write(
        commandPackets(COM_QUERY, UPDATE),
        commandPackets(COM_PING),
        commandPackets(COM_QUERY, 'UPDATE orders SET runs = runs * 10 WHERE id = 1'),
        commandPackets(COM_QUERY, 'SELECT runs FROM orders WHERE id = 1'),
      );
      const { id } = await seeHeld(broker(), task.id);
      const beside = await outcomeOf(withMysql2(task.login, (other) => other.query('SELECT runs FROM orders')));
      expect(beside.error).toBeUndefined();
      expect(client.unread).toHaveLength(0);
      expect(await approvalsOf(broker(), task.id)).toHaveLength(1);
      await decide(broker(), id, { decision: 'approve' });
      expect(await client.packet()).toMatchObject({ sequenceId: 1 });
      expect(await client.packet()).toMatchObject({ sequenceId: 1 });
      const next = await decideHeld(broker(), task.id, { decision: 'approve' });
      expect(next.statement?.text).toContain('runs * 10');
      await client.packet();
      expect((await client.response(COM_QUERY)).results).toMatchObject([{ kind: 'rows', rows: [['10']] }]);
      client.destroy();
      const recorded = await task.close();
      const kinds = recorded.entries.flatMap((entry) =>
        'session' in entry && entry.session === 1 ? [entry.type] : [],
      );
      expect(kinds.slice(1, 6)).toEqual(['operation', 'approval.asked', 'approval.decided', 'forwarded', 'result']);
      expect(kinds.slice(6, 8)).toEqual(['note', 'result']);
    });

    test('ends with its grant: revoked, what waits is cancelled, and the client is told', async () => {
      const task = await shop().newTask();
      const sent = send(task, UPDATE);
      const { id } = await seeHeld(broker(), task.id);
      await task.end('revoke');
      const { error } = await sent;
      expect(error?.message).toMatch(/\((grant_revoked|approval_cancelled)\)$/);
      expect(await lookAtApproval(broker(), id)).toMatchObject({ state: 'cancelled' });
      expect(problemOf(await tryDecide(broker(), id, { decision: 'approve' })).code).toBe('approval_cancelled');
      const recorded = await task.sealed();
      expect(recorded.of('approval.decided')).toMatchObject([{ approval: id, outcome: 'cancelled' }]);
      expect(recorded.statements[0]?.result).toMatchObject({ outcome: 'error' });
      expect(await shop().runs('orders')).toBe(0);
    });

    test('waits until the deadline of its grant and no longer', async () => {
      const task = await shop().newTask(5);
      const sent = send(task, UPDATE);
      const { id, expiresAt } = await seeHeld(broker(), task.id);
      const { deadline } = await task.look();
      expect(Math.abs(Date.parse(expiresAt) - Date.parse(deadline))).toBeLessThan(20_000); // a question with time left waits for minutes
      const { error } = await sent;
      expect(error?.message).toMatch(/\((grant_expired|approval_timed_out|approval_cancelled)\)$/);
      await task.sealed();
      expect(['timed-out', 'cancelled']).toContain((await lookAtApproval(broker(), id)).state);
      expect(await shop().runs('orders')).toBe(0);
    });
  });
});

describe.each(engines())('a statement on a $flavour $version with static credentials', (engine) => {
  const database = `static_${randomBytes(6).toString('hex')}`;
  let account: ServerAccount;
  beforeAll(async () => {
    account = await makeAccount(engine);
  });
  afterAll(() => runAsRoot(engine, [`DROP USER ${account.quoted}`]));
  const shop = useHeldShop(broker, engine, () => ({
    database,
    schema: [`GRANT SELECT, UPDATE, TRIGGER, SHOW VIEW ON \`${database}\`.* TO ${account.quoted}`],
    registration: { credentials: 'static', username: account.username, password: account.password },
  }));

  test('waits until it is approved, then runs once as the registered account', async () => {
    const task = await shop().newTask();
    const whoRuns = 'UPDATE orders SET runs = runs + 1, note = CURRENT_USER() WHERE id = 1 AND note <=> NULL';
    const sent = send(task, whoRuns);
    const asked = await seeHeld(broker(), task.id, { withPreview: true });
    expect(asked.preview).toMatchObject({
      affected: { kind: 'unknown', why: 'The broker cannot make an account on this target to look with.' },
    });
    expect(await shop().runs('orders')).toBe(0);
    await decide(broker(), asked.id, { decision: 'approve' });
    expect(await sent).toEqual({ result: 1 });
    const again = send(task, whoRuns);
    const next = await decideHeld(broker(), task.id, { decision: 'deny', reason: 'Once was enough' });
    expect(next.id).not.toBe(asked.id);
    expect((await again).error?.message).toContain(next.id);
    expect(await shop().target.rootRows('SELECT runs, note FROM orders WHERE runs > 0')).toEqual([
      { runs: 1, note: `${account.username}@%` },
    ]);
    const recorded = await task.close();
    const forwarded = recorded.of('forwarded').map(({ approval, given }) => ({ approval, given }));
    expect(forwarded).toEqual([{ approval: asked.id, privileges: undefined }]);
    expect(recorded.closed.account).toMatchObject({ state: 'none' });
  });

  test('that is denied does not run, though the registered account could run it', async () => {
    const task = await shop().newTask();
    const sent = send(task, UPDATE);
    const { id } = await decideHeld(broker(), task.id, { decision: 'deny', reason: 'Not here' });
    const { error } = await sent;
    expect(error?.errno).toBe(1227);
    expect(error?.message).toContain(`Approval ${id}: Not here. `);
    expect(await shop().runs('orders')).toBe(0);
    const recorded = await task.close();
    expect(recorded.of('forwarded')).toEqual([]);
    expect(recorded.of('approval.decided')).toMatchObject([{ approval: id, outcome: 'denied' }]);
  });
});

/** What these bytes look like on the wire to a tripwire. */
function exactly(bytes: Buffer): RegExp {
  return new RegExp(bytes.toString('latin1').replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`));
}
