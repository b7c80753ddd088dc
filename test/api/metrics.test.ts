import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HELD_POLICIES, send, useHeldShop } from '../gateway/held-shop.js';
import { decideHeld, seeHeld } from '../support/approvals.js';
import type { ProcessName } from '../support/broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { servers } from '../support/engines.js';
import { makeTemporaryFolder, ROOT } from '../support/folders.js';
import { useSharedBroker } from '../support/shared-broker.js';

const broker = useSharedBroker(HELD_POLICIES);
const shop = useHeldShop(broker, servers().mariadb);

const OPERATIONS = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
const ALERTS = readFileSync(join(ROOT, 'docs/prometheus-alerts.yaml'), 'utf8');
const PROCESSES = ['api', 'gateway', 'worker'] as const;

async function metricsOf(name: ProcessName): Promise<string> {
  return (await fetch(`${broker().url(name)}/metrics`)).text();
}

/** The values of a metric by its labels, as they are written: `{verdict="allow"}`. */
async function valuesOf(name: ProcessName, metric: string): Promise<Readonly<Record<string, number>>> {
  const found = [...(await metricsOf(name)).matchAll(new RegExp(`^${metric}(\\{.*\\})? (\\S+)$`, 'gm'))];
  return Object.fromEntries(found.map(([, labels = '', value]) => [labels, Number(value)]));
}

async function valueOf(name: ProcessName, metric: string, labels = ''): Promise<number> {
  return (await valuesOf(name, metric))[labels] ?? Number.NaN;
}

/** The broker's own metrics of a process, by the lines that say of what type they are. */
async function servedBy(name: ProcessName): Promise<readonly string[]> {
  const types = [...(await metricsOf(name)).matchAll(/^# TYPE (doorwarden_\w+) /gm)];
  return types.map(([, metric = '']) => metric).sort();
}

/** What docs/operations.md lists for a process. */
function documentedFor(name: string): readonly string[] {
  const rows = [...OPERATIONS.matchAll(/^\| ([a-z, ]+?) +\| `(doorwarden_\w+)[`{]/gm)];
  return rows
    .flatMap(([, processes = '', metric = '']) => (processes.split(', ').includes(name) ? [metric] : []))
    .sort();
}

describe('the metrics', () => {
  test.each(PROCESSES)('that docs/operations.md lists of the %s are those that it serves', async (name) => {
    const served = await servedBy(name);
    expect(served.length).toBeGreaterThan(4);
    expect(served).toEqual(documentedFor(name));
  });

  test('count statements by verdict, the time added, recording bytes, questions waiting and their age, and sealing', async () => {
    const verdicts = await valuesOf('gateway', 'doorwarden_statements_total');
    const straight = await valueOf('gateway', 'doorwarden_statement_added_seconds_count', '{way="straight"}');
    const seconds = await valueOf('gateway', 'doorwarden_statement_added_seconds_sum', '{way="straight"}');
    const bytes = await valueOf('gateway', 'doorwarden_recording_bytes_total');
    const sealed = (await valueOf('worker', 'doorwarden_seal_duration_seconds_count', '{outcome="sealed"}')) || 0;
    const sealedBytes = await valueOf('worker', 'doorwarden_sealed_bytes_total');
    expect(await valueOf('api', 'doorwarden_questions_waiting', '{kind="statement"}')).toBe(0);

    const task = await shop().newTask();
    await withMysql2(task.login, async (client) => {
      for (let count = 0; count < 5; count += 1) await client.query('SELECT id FROM orders');
    });
    expect((await send(task, 'DROP DATABASE mysql')).error).toBeDefined();
    const held = send(task, 'UPDATE orders SET runs = runs + 1 WHERE id = 1');
    await seeHeld(broker(), task.id);
    await expect.poll(() => valueOf('api', 'doorwarden_questions_waiting', '{kind="statement"}')).toBe(1);
    await expect
      .poll(() => valueOf('api', 'doorwarden_questions_oldest_seconds', '{kind="statement"}'))
      .toBeGreaterThan(0);
    expect(await valueOf('api', 'doorwarden_questions_waiting', '{kind="grant"}')).toBe(0);
    await expect.poll(() => valueOf('gateway', 'doorwarden_gateway_grants')).toBe(1);
    await decideHeld(broker(), task.id, { decision: 'approve' });
    expect(await held).toEqual({ result: 1 });
    expect(await valueOf('gateway', 'doorwarden_gateway_sessions')).toBeGreaterThanOrEqual(0);

    const now = await valuesOf('gateway', 'doorwarden_statements_total');
    const grown = Object.entries(now).map(([verdict, count]) => [verdict, count - (verdicts[verdict] ?? 0)]);
    expect(Object.fromEntries(grown)).toEqual({
      '{verdict="allow"}': 5,
      '{verdict="hold"}': 1,
      '{verdict="deny"}': 1,
    });
    expect(await valueOf('gateway', 'doorwarden_statement_added_seconds_count', '{way="straight"}')).toBe(straight + 5);
    expect(await valueOf('gateway', 'doorwarden_statement_added_seconds_bucket', '{le="+Inf",way="straight"}')).toBe(
      straight + 5,
    );
    expect(await valueOf('gateway', 'doorwarden_statement_added_seconds_sum', '{way="straight"}')).toBeGreaterThan(
      seconds,
    );
    expect(await valueOf('gateway', 'doorwarden_recording_bytes_total')).toBeGreaterThan(bytes + 1_000);

    const recorded = await task.close();
    expect(await valueOf('worker', 'doorwarden_seal_duration_seconds_count', '{outcome="sealed"}')).toBe(sealed + 1);
    const file = readFileSync(recorded.path);
    expect(await valueOf('worker', 'doorwarden_sealed_bytes_total')).toBe(sealedBytes + file.length);
    await expect.poll(() => valueOf('gateway', 'doorwarden_gateway_grants')).toBe(0);
    // What an ended grant has written stays counted.
    expect(await valueOf('gateway', 'doorwarden_recording_bytes_total')).toBeGreaterThan(bytes + 1_000);
  });

  test('tell what waits for its seal while no worker is there, the age of the lease, and when certificates end', async () => {
    // One that was killed in an earlier file counts until its time is over.
    await expect.poll(() => valueOf('api', 'doorwarden_workers')).toBe(1);
    await broker().kill('worker', 'SIGTERM');
    await expect.poll(() => valueOf('api', 'doorwarden_workers')).toBe(0);
    const task = await shop().newTask();
    await task.end('close');
    await expect.poll(() => valueOf('api', 'doorwarden_recordings_unsealed')).toBe(1);
    await expect.poll(() => valueOf('api', 'doorwarden_recordings_unsealed_oldest_seconds')).toBeGreaterThan(1);
    await broker().restart('worker');
    await task.sealed();
    await expect.poll(() => valueOf('api', 'doorwarden_recordings_unsealed')).toBe(0);
    expect(await valuesOf('api', 'doorwarden_gateways')).toEqual({ '{state="running"}': 1, '{state="draining"}': 0 });

    expect(await valueOf('gateway', 'doorwarden_gateway_lease_age_seconds')).toBeLessThan(30);
    const inDays = async (certificate: string): Promise<number> => {
      const end = await valueOf(
        'gateway',
        'doorwarden_certificate_end_timestamp_seconds',
        `{certificate="${certificate}"}`,
      );
      return Math.round((end - Date.now() / 1000) / 86_400);
    };
    expect(await inDays('authority')).toBe(3_650);
    expect(await inDays('endpoint')).toBe(825);
  });
});

describe('the alert list', () => {
  test('names only metrics that exist, and labels that they have', async () => {
    const texts = await Promise.all(PROCESSES.map(metricsOf));
    const lines = texts.flatMap((text) => text.split('\n'));
    const selectors = [...ALERTS.matchAll(/(doorwarden_\w+)(?:\{(\w+)=~?"([^"]*)"\})?/g)];
    expect(selectors.length).toBeGreaterThan(15);
    const known = PROCESSES.flatMap(documentedFor);
    for (const [whole, metric = '', label, value] of selectors) {
      const family = metric.replace(/_(bucket|count|sum)$/, '');
      expect([known.includes(metric), known.includes(family)], whole).toContain(true);
      if (label === undefined) continue;
      // A counter that nothing was counted in has no line yet; then the document has to name the label and its value.
      const row = OPERATIONS.split('\n').find((line) => line.includes(`\`${family}{`)) ?? '';
      const isDocumented = row.includes(label) && (row.includes(`\`${value ?? ''}\``) || label === 'status');
      const isServed = lines.some(
        (line) => line.startsWith(`${metric}{`) && line.includes(`${label}="${value ?? ''}"`),
      );
      expect(isDocumented || isServed, whole).toBe(true);
    }
  });

  test('names only log lines that exist', () => {
    const named = [...OPERATIONS.matchAll(/the log line `([^`]+)`/g)].map(([, line = '']) => line);
    expect(named.length).toBeGreaterThan(2);
    for (const line of named) {
      expect(() => execFileSync('grep', ['-rqF', `'${line}'`, join(ROOT, 'src')]), line).not.toThrow();
    }
  });
});

describe('docs/operations.md', () => {
  test('has units that systemd understands', ({ skip }) => {
    if (spawnSync('systemd-analyze', ['--version']).error !== undefined) skip('systemd-analyze is not installed');
    const folder = makeTemporaryFolder();
    mkdirSync(folder, { recursive: true });
    const blocks = [...OPERATIONS.matchAll(/```ini\n# \/etc\/systemd\/system\/(\S+?\.service)(.*?)```/gs)];
    const units = blocks.map(([, name = '', text = '']) => {
      const path = join(folder, name.replace('@.', '@a.'));
      writeFileSync(path, text.replace(/^.*\n/, '').replaceAll('/usr/local/bin/doorwarden', '/bin/true'));
      return path;
    });
    expect(units.map((path) => path.split('/').at(-1))).toEqual([
      'doorwarden-gateway@a.service',
      'doorwarden-api.service',
    ]);
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...units], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });
});
