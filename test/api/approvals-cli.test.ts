import { spawn } from 'node:child_process';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StatementPreview } from '../../src/protocols/sql/statement-preview.js';
import { newId } from '../../src/domain/ids.js';
import type { ApprovalId, GatewayId, GrantId } from '../../src/kernel/brand.js';
import { systemClock } from '../../src/kernel/clock.js';
import { DatabaseApprovalDesk } from '../../src/persistence/approvals/approval-desk.js';
import { ApprovalRepository } from '../../src/persistence/approvals/approval.repository.js';
import { createStateSource } from '../../src/persistence/state/data-source.js';
import { approvalEntity } from '../../src/persistence/entities/approvals/approval.js';
import { GatewayRepository } from '../../src/persistence/processes/gateway.repository.js';
import { insertActiveGrant, questionOf, TERMS } from '../support/approval-state.js';
import { withNewApprover } from '../support/approvals.js';
import { type ClientOutcome, runProgram } from '../support/clients/program.js';
import { COMPILED, ROOT } from '../support/folders.js';
import { Screen } from '../support/screen.js';
import { useSharedBroker } from '../support/shared-broker.js';

const CLI = join(ROOT, 'dist', 'apps', 'cli', 'main.js');
const LEASE_SECONDS = 3_600;

const broker = useSharedBroker('default');
let source: DataSource;
let desk: DatabaseApprovalDesk;
let gatewayId: GatewayId;

beforeAll(async () => {
  source = await createStateSource(broker().stateDatabaseUrl).initialize();
  gatewayId = await new GatewayRepository(source).start('of-this-test', LEASE_SECONDS);
  desk = new DatabaseApprovalDesk({
    dataSource: source,
    clock: systemClock,
    limits: { pendingMax: 50, totalMax: 1_000 },
    announce: () => undefined,
    requestJobs: () => undefined,
  });
});
afterAll(async () => {
  await source?.destroy();
});

function environment(key = broker().keys.approver) {
  return { ...COMPILED, DOORWARDEN_API: broker().api, DOORWARDEN_API_KEY: key };
}

function cli(args: readonly string[], key?: string): Promise<ClientOutcome> {
  return runProgram(process.execPath, [CLI, 'approvals', ...args], { env: environment(key) });
}

function keys(args: readonly string[]): Promise<ClientOutcome> {
  return runProgram(process.execPath, [CLI, 'keys', ...args], {
    env: { ...COMPILED, DATABASE_URL: broker().stateDatabaseUrl },
  });
}

async function ask(
  text = 'UPDATE orders SET total = 0 WHERE id = 1 -- \u001b[31m\u202e\u009b2J',
  terms = TERMS,
): Promise<ApprovalId> {
  const grant: GrantId = await insertActiveGrant(source, { gatewayId });
  return (await desk.ask(questionOf(grant, { text, terms }))).id;
}

function previewOf(affected: StatementPreview['affected']): StatementPreview {
  const nothing = { tables: [], sample: null, triggers: [], cascades: [], locks: null };
  return { takenAtMs: 1, ...nothing, affected, canLimitRows: true };
}

function lineOf(listed: string, id: string): string {
  return listed.split('\n').find((line) => line.startsWith(id)) ?? '';
}

describe('doorwarden approvals', () => {
  it('lists what waits, and shows one with nothing in it that speaks to the terminal', async () => {
    const id = await ask();
    const listed = await cli(['list']);
    expect({ ...listed, stdout: '' }).toMatchObject({ exitCode: 0, stderr: '' });
    expect(listed.stdout).toContain(id);
    const shown = await cli(['show', id]);
    expect(shown.stdout).toContain('  │ UPDATE orders SET total = 0 WHERE id = 1 -- ⟨U+001B⟩[31m⟨U+202E⟩');
    expect(shown.stdout).toContain('can decide');
    expect(listed.stdout + shown.stdout).not.toMatch(/(?!\n)\p{Cc}|\p{Cf}/u);
    const { stdout } = await cli(['show', id, '--json']);
    expect(stdout).not.toMatch(/(?!\n)\p{Cc}|\p{Cf}/u);
    const text = 'UPDATE orders SET total = 0 WHERE id = 1 -- \u001b[31m\u202e\u009b2J';
    expect(JSON.parse(stdout)).toMatchObject({ id, state: 'pending', statement: { text } });
  });

  it('lists verb, tables and row count first, then the text with its line breaks and comments marked', async () => {
    const id = await ask('/* SELECT */ -- 1\nUPDATE orders SET total = 0\nWHERE id = 1');
    await desk.show(id, previewOf({ kind: 'exact', rows: 7 }));
    const { stdout } = await cli(['list']);
    expect(lineOf(stdout, id)).toContain(
      '  UPDATE shop.orders  7 rows change  bot on shop  ⟦/* SELECT */ -- 1⟧ ⏎ UPDATE orders SET total = 0 ⏎',
    );
    await desk.show(await ask('TRUNCATE t'), previewOf({ kind: 'unknown', why: 'it took too long' }));
    expect((await cli(['list'])).stdout).toContain('nobody can know how many rows');
  });

  it('says whether the client still waits, and that it is not known where its gateway is dead', async () => {
    const gateways = new GatewayRepository(source);
    const dying = await gateways.start('that-dies', LEASE_SECONDS);
    // As if one worker had taken it to end it: until that is done, no other does, and the question is open.
    const taken = { reaperId: newId(), reaperUntilMs: Date.now() + LEASE_SECONDS * 1_000 };
    const grant = await insertActiveGrant(source, { gatewayId: dying, ...taken });
    const { id } = await desk.ask(questionOf(grant));
    const client = new AbortController();
    const waiting = desk.settled(id, client.signal);
    const saidOf = async () => {
      const { stdout } = await cli(['list']);
      const { stdout: shown } = await cli(['show', id]);
      return [/no client waits|client not known/.exec(lineOf(stdout, id))?.[0], /^client +(.+)$/m.exec(shown)?.[1]];
    };
    const noted = async () => (await source.getRepository(approvalEntity).findOneBy({ id }))?.clientWaits;
    const waits = 'waits: the statement runs as soon as it is approved';
    expect(await saidOf()).toEqual([undefined, waits]);
    client.abort();
    await expect(waiting).rejects.toThrow();
    await expect.poll(noted).toBe(false);
    expect(await saidOf()).toEqual(['no client waits', 'does not wait: once approved, it runs when it is sent again']);
    const next = new AbortController();
    const again = desk.settled(id, next.signal);
    await expect.poll(noted).toBe(true);
    expect(await saidOf()).toEqual([undefined, waits]);
    await gateways.stop(dying);
    const notKnown = ['client not known', 'not known, because its gateway does not answer'];
    expect(await saidOf()).toEqual(notKnown);
    next.abort();
    await expect(again).rejects.toThrow();
    await expect.poll(noted).toBe(false);
    expect(await saidOf()).toEqual(notKnown);
  }, 90_000);

  it('approves with bounds, and denies with a reason', async () => {
    const [approved, shaped, denied] = [await ask(), await ask(), await ask()];
    const rows = await cli(['approve', approved, '--rows-max', '3', '--reason', 'three rows are fine']);
    expect(rows).toMatchObject({ exitCode: 0, stdout: `${approved} is approved.\n` });
    expect((await cli(['approve', shaped, '--shape', '--runs', '5'])).exitCode).toBe(0);
    expect((await cli(['deny', denied, '--reason', 'no'])).stdout).toBe(`${denied} is denied.\n`);
    const approvals = new ApprovalRepository(source);
    expect(await approvals.find(approved)).toMatchObject({
      scope: { kind: 'once', rowsMax: 3 },
      decisions: [{ reason: 'three rows are fine' }],
    });
    expect(await approvals.find(shaped)).toMatchObject({ scope: { kind: 'shape', runsMax: 5, rowsMax: null } });
    expect(await approvals.find(denied)).toMatchObject({ state: 'denied', decisions: [{ reason: 'no' }] });
  });

  it.each([
    [['approve', 'ID', '--shape'], '--runs', 2],
    [['approve', 'ID', '--runs', '5'], '--shape', 2],
    [['approve', 'ID', '--rows-max', '-1'], 'whole number', 2],
    [['approve', 'ID', '--rows-max', '1', '--any-rows'], 'not both', 2],
    [['approve', 'ID', '--rows'], "unknown option '--rows'", 2],
    [['show', '01k'], 'at least 4 characters', 2],
    [['show', '00000'], 'No id begins with', 2],
    [['show', '01k0000000000000000000000a'], 'approval_not_found', 1],
    [['show', '../grants'], 'request_invalid', 1],
  ])('says in one line why %j does not work, and changes nothing', async (args, why, code) => {
    const id = await ask();
    const { exitCode, stdout, stderr } = await cli(args.map((arg) => (arg === 'ID' ? id : arg)));
    expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: '' });
    expect(stderr).toContain(why);
    expect(stderr).toMatch(/^doorwarden approvals[^\n]*\n$/);
    expect(await new ApprovalRepository(source).find(id)).toMatchObject({ state: 'pending' });
  });

  it('takes the beginning of an id, prints ids alone, and no colours where there is no terminal', async () => {
    const id = await ask();
    const grant = String((await new ApprovalRepository(source).find(id))?.grantId);
    const listed = await cli(['list', '--grant', grant.slice(0, 24), '--quiet']);
    expect(listed).toEqual({ exitCode: 0, stdout: `${id}\n`, stderr: '' });
    expect((await cli(['show', id.slice(0, 24)])).stdout).toContain(`approval     ${id}, pending`);
    expect((await cli(['deny', id.slice(0, 24).toUpperCase()])).stdout).toBe(`${id} is denied.\n`);
  });

  it('says its version, and completes commands and options in bash', async () => {
    const version = await runProgram(process.execPath, [CLI, 'version', '--json']);
    expect(JSON.parse(version.stdout)).toMatchObject({ doorwarden: expect.any(String), node: process.versions.node });
    const { stdout: script } = await runProgram(process.execPath, [CLI, 'completion', 'bash']);
    const complete = async (...words: readonly string[]): Promise<readonly string[]> => {
      const ask = `COMP_WORDS=(doorwarden ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}`;
      const input = `${script}\n${ask}\n_doorwarden\nprintf '%s\\n' "\${COMPREPLY[@]}"\n`;
      return (await runProgram('bash', ['--norc'], { input })).stdout.trim().split('\n');
    };
    expect(await complete('appr')).toEqual(['approvals']);
    expect(await complete('approvals', 'l')).toEqual(['list']);
    expect(await complete('approvals', '--json', 'list', '--st')).toEqual(['--state']);
  });

  it('approves for the rows that are counted exactly, unless it is told otherwise', async () => {
    const [counted, any, uncounted, unlimited] = [await ask(), await ask(), await ask(), await ask()];
    for (const id of [counted, any]) await desk.show(id, previewOf({ kind: 'exact', rows: 2 }));
    await desk.show(uncounted, previewOf({ kind: 'unknown', why: '2 rows match now, but it depends on now' }));
    await desk.show(unlimited, { ...previewOf({ kind: 'exact', rows: 2 }), canLimitRows: false });
    const { stdout } = await cli(['approve', counted]);
    expect(stdout).toBe(
      `${counted} is approved.\nIt may now change at most 2 rows, those that match. Use --any-rows to approve it without that limit.\n`,
    );
    expect((await cli(['approve', any, '--any-rows'])).stdout).toBe(`${any} is approved.\n`);
    expect((await cli(['approve', uncounted])).stdout).toBe(`${uncounted} is approved.\n`);
    expect((await cli(['approve', unlimited])).stdout).toBe(`${unlimited} is approved.\n`);
    const approvals = new ApprovalRepository(source);
    const scopes = await Promise.all(
      [counted, any, uncounted, unlimited].map(async (id) => (await approvals.find(id))?.scope),
    );
    const once = { kind: 'once', rowsMax: null };
    expect(scopes).toEqual([{ kind: 'once', rowsMax: 2 }, once, once, once]);
  });

  it('does not let an agent decide, nor learn what others have asked', async () => {
    const id = await ask();
    const denied = await cli(['deny', id], broker().keys.agent);
    expect(denied).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('forbidden') });
    // The approval is read before it is approved, and an agent sees its own alone.
    const read = await cli(['approve', id, '--any-rows'], broker().keys.agent);
    expect(read).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('approval_not_found') });
    expect(await new ApprovalRepository(source).find(id)).toMatchObject({ state: 'pending' });
  });

  it('says before it asks anything that no key decides a question, and names the revision that it has read', async () => {
    const web = await ask(undefined, { ...TERMS, decideIn: 'web', reauthenticateSeconds: 900 });
    const shown = await cli(['show', web]);
    expect(shown.stdout).toMatch(/^decided +on the web page only, by people who signed in at most 15 min/m);
    const refused = await cli(['approve', web]);
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('Decide on the web page.') });
    const denied = await cli(['deny', web]);
    expect(denied).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('approval_web_only') });
    const id = await ask();
    const stale = await cli(['approve', id, '--revision', '99']);
    expect(stale).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('approval_changed') });
    const [, revision = ''] = /revision (\d+)/.exec((await cli(['show', id])).stdout) ?? [];
    expect(await cli(['approve', id, '--revision', revision])).toMatchObject({ exitCode: 0 });
  });

  it('follows what happens, one line each, where there is no terminal', async () => {
    const child = spawn(process.execPath, [CLI, 'approvals', 'watch'], {
      env: environment(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const waiting = await ask();
      const lines = child.stdout.setEncoding('utf8');
      let text = '';
      const seen = async (part: string): Promise<void> => {
        for await (const chunk of lines.iterator({ destroyOnReturn: false })) {
          text += String(chunk);
          if (text.includes(part)) return;
        }
        throw new Error(`The command ended without ${part}`);
      };
      await seen(waiting);
      const asked = await ask();
      await seen(`asked      ${asked}`);
      await cli(['deny', asked]);
      await seen(`decided    ${asked}  denied`);
    } finally {
      child.kill();
    }
  });

  it('asks on a terminal before something is destroyed, and takes nothing but yes for a yes', async () => {
    const env = environment(broker().keys.operator);
    const { key } = JSON.parse((await keys(['create', '--principal', 'gone', '--role', 'reviewer'])).stdout);
    const id = String(key).split('_')[1] ?? '';
    const asked: readonly (readonly [command: string, question: string])[] = [
      ['policy delete default', 'Delete the policy default?'],
      [`keys revoke --principal gone --id ${id.slice(0, 5)}`, `Revoke the key ${id} of gone?`],
    ];
    for (const [command, question] of asked) {
      const screen = new Screen({ ...env, DATABASE_URL: broker().stateDatabaseUrl }, command);
      await screen.until(question);
      await screen.until('yes or no:');
      screen.type('y');
      await screen.until('Nothing was done.');
      expect(await screen.ended()).toBe(130);
    }
    expect((await runProgram(process.execPath, [CLI, 'policy', 'get', 'default'], { env })).exitCode).toBe(0);
    const revoked = await keys(['revoke', '--principal', 'gone', '--id', id.slice(0, 5)]);
    expect({ ...revoked, stdout: JSON.parse(revoked.stdout) }).toEqual({
      exitCode: 0,
      stdout: { principal: 'gone', revoked: id },
      stderr: '',
    });
  }, 90_000);

  describe('watch, on a terminal', () => {
    // What other tests have asked would come first.
    beforeEach(() => source.query("UPDATE approvals SET state = 'cancelled', open_key = NULL WHERE state = 'pending'"));

    it('waits for the preview, and offers as row limit what matches', async () => {
      const screen = new Screen(environment(), 'approvals watch');
      try {
        await screen.until('Waiting for approvals');
        const id = await ask('UPDATE orders SET total = 2 WHERE id < 8');
        await screen.until('Looking at what it would change');
        await desk.show(id, previewOf({ kind: 'exact', rows: 7 }));
        await screen.until('exactly 7 rows match');
        screen.type('a');
        await screen.until('Approve it once, for at most 7 rows? yes or no:');
        screen.type('yes');
        await screen.until(`${id} is approved.`);
        expect(await new ApprovalRepository(source).find(id)).toMatchObject({ scope: { kind: 'once', rowsMax: 7 } });
      } finally {
        await screen.leave();
      }
    });

    it('draws again on news, and approves a shape with bounds', async () => {
      const grant = await insertActiveGrant(source, { gatewayId });
      const terms = { ...TERMS, quorum: 2 };
      const { id } = await desk.ask(questionOf(grant, { text: 'UPDATE orders SET total = 3 WHERE id = 3', terms }));
      await desk.show(id, previewOf({ kind: 'unknown', why: 'it took too long' }));
      const screen = new Screen(environment(), 'approvals watch');
      try {
        await screen.until('cannot be known: it took too long');
        const other = await withNewApprover(broker());
        expect((await cli(['approve', id, '--shape', '--runs', '5'], other.keys.approver)).exitCode).toBe(0);
        await screen.until('It has changed; this is how it stands now.');
        await screen.until('approved with');
        screen.type('b');
        await screen.until('any number): ');
        screen.type('2');
        await screen.until('How many statements of this shape');
        screen.type('9');
        await screen.until('Approve 9 statements of this shape, for at most 2 rows each? yes or no:');
        screen.type('yes');
        await screen.until(`${id} is approved.`);
        expect(await new ApprovalRepository(source).find(id)).toMatchObject({
          scope: { kind: 'shape', runsMax: 5, rowsMax: 2 },
        });
      } finally {
        await screen.leave();
      }
    });

    it('connects again when the connection is lost, and then knows what waits', async () => {
      const proxy = await startProxy(Number(new URL(broker().api).port));
      const screen = new Screen(
        { ...environment(), DOORWARDEN_API: `http://127.0.0.1:${proxy.port}` },
        'approvals watch',
      );
      try {
        await screen.until('Waiting for approvals');
        const first = await ask('UPDATE orders SET total = 4');
        await desk.show(first, previewOf({ kind: 'exact', rows: 1 }));
        await screen.until(first);
        proxy.cut();
        await screen.until('was lost. Connecting again in 1 s.');
        await cli(['deny', first]);
        const second = await ask('UPDATE orders SET total = 5');
        await desk.show(second, previewOf({ kind: 'exact', rows: 1 }));
        await screen.until('It no longer needs a decision.');
        await screen.until(second);
      } finally {
        await screen.leave();
        await proxy.close();
      }
    });
  });
});

/** A way to a port of this machine that can be cut. */
async function startProxy(to: number) {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => [near, far].forEach((end) => end.destroy()));
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    port: typeof address === 'object' ? Number(address?.port) : 0,
    cut,
    async close(): Promise<void> {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
