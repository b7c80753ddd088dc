import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StatementPreview } from '../../src/domain/approval.js';
import type { ApprovalId, GatewayId, GrantId } from '../../src/kernel/brand.js';
import { systemClock } from '../../src/kernel/clock.js';
import { DatabaseApprovalDesk } from '../../src/persistence/approval-desk.js';
import { ApprovalRepository } from '../../src/persistence/approval.repository.js';
import { createStateSource } from '../../src/persistence/data-source.js';
import { GatewayRepository } from '../../src/persistence/gateway.repository.js';
import { insertActiveGrant, questionOf } from '../support/approval-state.js';
import { useBroker } from '../support/broker.js';
import { type ClientOutcome, runProgram } from '../support/clients/program.js';
import { ROOT } from '../support/folders.js';

const CLI = join(ROOT, 'dist', 'apps', 'cli', 'main.js');
const LEASE_SECONDS = 3_600;

const broker = useBroker({ policies: 'default' });
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
  return { DOORWARDEN_API: broker().api, DOORWARDEN_API_KEY: key };
}

function cli(args: readonly string[], key?: string): Promise<ClientOutcome> {
  return runProgram(process.execPath, [CLI, 'approvals', ...args], { env: environment(key) });
}

async function ask(text = 'UPDATE orders SET total = 0 WHERE id = 1 -- \u001b[31m\u202e\u009b2J'): Promise<ApprovalId> {
  const grant: GrantId = await insertActiveGrant(source, { gatewayId });
  return (await desk.ask(questionOf(grant, { text }))).id;
}

function previewOf(affected: StatementPreview['affected']): StatementPreview {
  return { takenAtMs: 1, tables: [], affected, sample: null, triggers: [], cascades: [], locks: null };
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
    const line = stdout.split('\n').find((one) => one.startsWith(id));
    expect(line).toContain(
      '  UPDATE shop.orders  7 rows  bot on shop  ⟦/* SELECT */ -- 1⟧ ⏎ UPDATE orders SET total = 0 ⏎',
    );
    await desk.show(await ask('TRUNCATE t'), previewOf({ kind: 'unknown', why: 'it took too long' }));
    expect((await cli(['list'])).stdout).toContain('rows not known');
  });

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
    const complete = async (...words: readonly string[]): Promise<readonly string[]> => {
      const { stdout: script } = await runProgram(process.execPath, [CLI, 'completion', 'bash']);
      const ask = `COMP_WORDS=(doorwarden ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}`;
      const input = `${script}\n${ask}\n_doorwarden\nprintf '%s\\n' "\${COMPREPLY[@]}"\n`;
      return (await runProgram('bash', ['--norc'], { input })).stdout.trim().split('\n');
    };
    expect(await complete('app')).toEqual(['approvals']);
    expect(await complete('approvals', 'l')).toEqual(['list']);
    expect(await complete('approvals', '--json', 'list', '--st')).toEqual(['--state']);
  });

  it('does not let an agent decide', async () => {
    const id = await ask();
    const { exitCode, stderr } = await cli(['approve', id], broker().keys.agent);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('forbidden') });
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
});
