import { readFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { approvalPage, type ApprovalSummaryView } from '../../src/contracts/approvals/approval.js';
import { grantPage, type GrantView } from '../../src/contracts/grants/grant.js';
import { DEFAULT_POLICY_TEXT } from '../../src/protocols/sql/policy/default-bundle.js';
import { decide } from '../support/approvals.js';
import { type CiIssuer, startCi } from '../support/ci/ci-issuer.js';
import {
  type JobOutcome,
  type JobRun,
  parseAction,
  type RunningStep,
  runAction,
} from '../support/ci/composite-action.js';
import { hasPython } from '../support/clients/python.js';
import { servers } from '../support/engines.js';
import { makeTemporaryFolder, ROOT } from '../support/folders.js';
import { registerShop, type ShopTarget } from '../support/grants.js';
import { bodyOf, callAs } from '../support/http.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { untilOver } from '../support/task.js';

/** The default ones, and people decide on grants of a certain length. */
const POLICIES = `${DEFAULT_POLICY_TEXT.replace(/@id\("grants"\)\s*permit[^;]*;/, '')}
@id("short-grants")
permit (principal, action == Action::"requestGrant", resource) when { context.ttlSeconds != 1200 };
@id("long-grants") @hold("10m")
permit (principal, action == Action::"requestGrant", resource) when { context.approved };
`;
const WAIT = { timeout: 45_000, interval: 50 };
const FOLDER = join(ROOT, 'clients', 'github-action');
const ACTION_TEXT = readFileSync(join(FOLDER, 'action.yml'), 'utf8');
const DOCUMENT = readFileSync(join(ROOT, 'docs', 'ci.md'), 'utf8');

const GITHUB = {
  workflow: 'Orders',
  job: 'count',
  server_url: 'https://github.com',
  repository: 'acme/shop',
  run_id: '4711',
};
const CLAIMS = {
  jti: 'e7f2',
  sub: 'repo:acme/shop:environment:production',
  ref: 'refs/heads/main',
  repository: 'acme/shop',
  repository_owner: 'acme',
  repository_owner_id: '1001',
  environment: 'production',
  actor: 'kim',
  workflow: 'Orders',
  runner_environment: 'github-hosted',
};

const broker = useSharedBroker(POLICIES);
const workspace = makeTemporaryFolder();
let ci: CiIssuer;
let shop: ShopTarget;

beforeAll(async () => {
  shop = await registerShop(broker(), servers().mariadb);
  ci = await startCi(broker(), 'GitHub Actions');
});
afterAll(async () => {
  await ci?.close();
  await shop?.drop();
  await rm(workspace, { recursive: true, force: true });
});

/** What the workflow of docs/ci.md gives the action, with the broker and the target of this test. */
function documentedInputs(): Record<string, string> {
  const [, yaml = ''] = /## GitHub Actions\n\n```yaml\n(.*?)```/s.exec(DOCUMENT) ?? [];
  const workflow: unknown = parse(yaml);
  const job = Object(Object(Object(workflow).jobs).count);
  expect(job).toMatchObject({ permissions: { 'id-token': 'write' }, environment: 'production' });
  const [step] = job.steps;
  expect(step.uses).toMatch(/\/clients\/github-action@/);
  return { ...step.with, api: broker().api, target: shop.name };
}

function run(inputs: Record<string, string> = {}, job: Partial<JobRun> = {}): Promise<JobOutcome> {
  return runAction({
    action: parseAction(ACTION_TEXT),
    folder: FOLDER,
    inputs: { ...documentedInputs(), ...inputs },
    github: GITHUB,
    env: job.env ?? ci.tokenRequests(CLAIMS),
    workspace,
    ...job,
  });
}

function untilAsked(): Promise<ApprovalSummaryView> {
  return vi.waitFor(async () => {
    const path = `/v1/approvals?state=pending&target=${shop.name}`;
    const [first] = bodyOf(await callAs(broker(), 'approver', { path }), approvalPage).items;
    if (first === undefined) throw new Error('Nobody is asked');
    return first;
  }, WAIT);
}

async function grants(): Promise<readonly GrantView[]> {
  const path = `/v1/grants?target=${shop.name}&limit=100`;
  return bodyOf(await callAs(broker(), 'operator', { path }), grantPage).items;
}

/** The grant of a job, once it is over. */
function over({ outputs }: JobOutcome): Promise<GrantView> {
  return untilOver(broker(), outputs['grant'] ?? '');
}

const CLOSED = { state: 'sealed', closeReason: 'completed' };
/** A command that goes on until it is stopped. */
const STAYS = 'echo "begun as $$."; exec sleep 600';

/** Waits until the command runs; gives its pid. */
function untilBegun(step: RunningStep): Promise<number> {
  return vi.waitFor(() => {
    const [, pid] = /begun as (\d+)\./.exec(step.log()) ?? [];
    if (pid === undefined) throw new Error('It has not begun');
    return Number(pid);
  }, WAIT);
}

describe.skipIf(!hasPython())('the GitHub Action', () => {
  it('counts the orders as docs/ci.md says, by the token of the job alone', async () => {
    const outcome = await run();
    expect(outcome.log).toMatch(/^COUNT\(\*\)\n3$/m);
    expect(outcome).toMatchObject({ isSuccess: true, exitCodes: [0, 0], annotations: [], exported: '' });
    const { id, ...grant } = await over(outcome);
    expect(grant).toMatchObject({
      ...CLOSED,
      principal: { name: 'github:acme/shop/production', kind: 'agent' },
      sponsor: { name: 'kim' },
      task: { title: 'Count the orders', reference: 'https://github.com/acme/shop/actions/runs/4711' },
      access: [{ database: shop.database, tables: ['orders'], privileges: ['SELECT'] }],
      ttlSeconds: 1800,
    });
    expect(outcome.summary).toContain(`| Recording | <code>${id}</code> |`);
    expect(outcome.summary).toContain('The command ended with 0.');
  });

  it('shows neither password nor token in the log, whatever the command prints', async () => {
    const outcome = await run({
      run: 'env | sort; cat "$DOORWARDEN_FILES/my.cnf"; env | grep -c DOORWARDEN_INPUT || true',
    });
    const password = /MYSQL_PWD=(.*)/.exec(outcome.raw)?.[1] ?? '';
    expect(password.length).toBeGreaterThan(10);
    expect(outcome.log).not.toContain(password);
    expect(outcome.log).toContain('MYSQL_PWD=***');
    expect(outcome.log).toContain('DATABASE_URL=***');
    expect(outcome.raw).toMatch(/::add-mask::eyJ/);
    expect(outcome.log).not.toMatch(/eyJ[\w-]+\.[\w-]+\./);
    expect(outcome.log).toMatch(/^0$/m);
    expect(outcome.summary).not.toContain(password);
    // Nothing of the connection is left on the runner.
    expect(outcome.left.filter((name) => name.startsWith('doorwarden'))).toEqual([]);
  });

  it.each([
    [{}, '0'],
    [{ 'keep-id-token': 'false' }, '0'],
    [{ 'keep-id-token': 'true' }, '2'],
  ])('leaves its command no way to a token of the workflow, unless the step wants that: %j', async (inputs, names) => {
    const outcome = await run({ ...inputs, run: 'echo "names: $(env | grep -c ^ACTIONS_ID_TOKEN_REQUEST_)"' });
    expect(outcome.log).toContain(`names: ${names}`);
    expect(outcome.isSuccess).toBe(true);
  });

  it('fails as its command does, and closes the grant', async () => {
    const outcome = await run({ run: 'false | true\nexit 7' });
    expect(outcome).toMatchObject({ isSuccess: false, exitCodes: [1, 0] }); // a pipe fails with each of its parts
    expect(await over(outcome)).toMatchObject(CLOSED);
    const other = await run({ run: 'exit 7' });
    expect(other.exitCodes).toEqual([7, 0]);
    expect(other.summary).toContain('The command ended with 7.');
  });

  it('takes its defaults from the workflow', async () => {
    const { task: _, ...inputs } = documentedInputs();
    const outcome = await runAction({
      action: parseAction(ACTION_TEXT),
      folder: FOLDER,
      inputs: { ...inputs, read: '', ttl: '90s' },
      github: GITHUB,
      env: ci.tokenRequests(CLAIMS),
      workspace,
    });
    expect(await over(outcome)).toMatchObject({ task: { title: 'Orders, job count' }, ttlSeconds: 90 });
  });

  it('waits for people, and says in the log whom it asks and where they decide', async () => {
    const running = run({ ttl: '20m' });
    const { id } = await untilAsked();
    await decide(broker(), id, { decision: 'approve' });
    const outcome = await running;
    expect(outcome).toMatchObject({ isSuccess: true });
    expect(outcome.annotations).toEqual([
      expect.stringMatching(new RegExp(`^The grant waits for an approver until [\\d:]+ UTC: .*/approvals/${id}$`)),
    ]);
    expect(await over(outcome)).toMatchObject(CLOSED);
  });

  it('does not run the command once they have denied, and says why', async () => {
    const running = run({ ttl: '20m', run: 'echo ran' });
    await decide(broker(), (await untilAsked()).id, { decision: 'deny', reason: '::error::Not on a Monday.' });
    const outcome = await running;
    expect(outcome).toMatchObject({ isSuccess: false, exitCodes: [125, 0] });
    expect(outcome.log).not.toContain('ran\n');
    // What a person wrote is no command to the runner.
    expect(outcome.annotations.at(-1)).toMatch(/^The broker.*::error::Not on a Monday.*\(grant_denied\)$/);
    expect(outcome.summary).toContain('grant&#95;denied');
  });
});

describe.skipIf(!hasPython())('a job that is stopped', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('by %s stops the command and closes the grant', async (signal) => {
    const outcome = await run(
      { run: STAYS },
      {
        onStep(step) {
          if (step.number === 0) void untilBegun(step).then(() => process.kill(step.pid, signal));
        },
      },
    );
    expect(outcome.exitCodes).toEqual([signal === 'SIGINT' ? 130 : 143, 0]);
    expect(await over(outcome)).toMatchObject(CLOSED);
    expect(outcome.summary).toContain('The command did not end by itself.');
  });

  it('by SIGKILL has its grant closed by the step after it', async () => {
    const outcome = await run(
      { run: STAYS },
      {
        onStep(step) {
          // A runner kills the whole tree.
          const kill = (pid: number): void => [step.pid, pid].forEach((each) => process.kill(each, 'SIGKILL'));
          if (step.number === 0) void untilBegun(step).then(kill);
        },
      },
    );
    expect(outcome.exitCodes).toEqual(['SIGKILL', 0]);
    expect(outcome.log).toContain(`Closed the grant ${outcome.outputs['grant']}`);
    expect(await over(outcome)).toMatchObject(CLOSED);
  });

  it('by the deadline of its grant says so', async () => {
    const outcome = await run({ ttl: '3s', run: "until ! mariadb -e 'SELECT 1'; do sleep 0.2; done; exit 5" });
    expect(outcome.exitCodes).toEqual([5, 0]);
    expect(outcome.annotations).toEqual(['The command ended with 5. The grant had ended before it: expired.']);
    expect(await over(outcome)).toMatchObject({ closeReason: 'expired' });
  });
});

describe.skipIf(!hasPython())('a job that gets no grant', () => {
  it('is told what its workflow lacks', async () => {
    const outcome = await run({}, { env: {} });
    expect(outcome).toMatchObject({ isSuccess: false, exitCodes: [125, 0], outputs: { grant: '' } });
    expect(outcome.annotations).toEqual([expect.stringContaining('`permissions: id-token: write`')]);
  });

  it.each([
    ['another repository', { ...CLAIMS, repository: 'acme/website' }, {}, 'signin_not_mapped'],
    [
      'somebody else’s repository',
      { ...CLAIMS, repository_owner_id: '6666' },
      {},
      'The check is required_claim. (token_refused)',
    ],
    ['no environment', { ...CLAIMS, environment: undefined }, {}, 'signin_not_mapped'],
    ['another audience', CLAIMS, { audience: 'https://github.com/acme' }, 'The check is audience. (token_refused)'],
  ])('because it is of %s', async (_, claims, inputs, why) => {
    const before = (await grants()).length;
    const outcome = await run(inputs, { env: ci.tokenRequests(claims) });
    expect(outcome).toMatchObject({ isSuccess: false, exitCodes: [125, 0] });
    expect(outcome.annotations).toEqual([expect.stringContaining(why)]);
    expect((await grants()).length).toBe(before);
  });

  it.each([
    [{ ttl: 'forever' }, 'ttl is a time such as 45s, 30m or 2h.'],
    [{ access: 'all', read: '' }, 'access is JSON'],
    [{ access: '[{}]', read: 'orders' }, 'not both'],
    [{ 'on-hold': 'maybe' }, 'on-hold is wait or error.'],
    [{ 'keep-id-token': 'yes' }, 'keep-id-token is true or false.'],
    [{ run: ' ' }, 'The input run is empty.'],
    [{ 'working-directory': 'nowhere' }, 'cannot be started in nowhere'],
    [{ 'ca-file': '/nowhere.pem', api: 'https://127.0.0.1:1' }, 'authorities'],
    [{ target: 'nothing', read: '' }, '(target_not_found)'],
  ] as const)('because of %o', async (inputs, why) => {
    const outcome = await run(inputs);
    expect(outcome.isSuccess).toBe(false);
    expect(outcome.annotations.at(-1)).toContain(why);
    if (outcome.outputs['grant'] !== '') expect(await over(outcome)).toMatchObject(CLOSED);
  });
});

describe.skipIf(!hasPython())('texts of others', () => {
  it('in the task are neither commands of a shell, nor of the runner, nor markup', async () => {
    const title = '$(touch pwned) `id` ${{ github.token }} <img src=x> | [a](b) ::add-mask::x';
    const outcome = await run({ task: title });
    expect(outcome.isSuccess).toBe(true);
    expect((await over(outcome)).task.title).toBe(title);
    expect(await readdir(workspace)).not.toContain('pwned');
    expect(outcome.summary).not.toContain('<img');
    expect(outcome.summary).not.toContain('[a](b)');
  });

  it('of several lines are refused as a task, with nothing run', async () => {
    const outcome = await run({ task: 'One\n::error::Two', run: 'echo ran' });
    expect(outcome.isSuccess).toBe(false);
    expect(outcome.annotations.at(-1)).toContain('(request_invalid)');
    expect(outcome.log).not.toContain('ran\n');
  });
});

describe('action.yml', () => {
  it('has the inputs that docs/ci.md explains', () => {
    const rows = [...DOCUMENT.matchAll(/^\| (`[a-z-]+`(?:, `[a-z-]+`)*) +\| /gm)].flatMap(([, names = '']) =>
      names.split(', ').map((name) => name.slice(1, -1)),
    );
    expect(rows.toSorted()).toEqual(Object.keys(parseAction(ACTION_TEXT).inputs).toSorted());
  });

  it.each([
    ['a key of a later runner', ACTION_TEXT.replace('  using: composite', '  using: composite\n  post: x.sh')],
    ['an input in its script', ACTION_TEXT.replace('step.py" run', 'step.py" run ${{ inputs.task }}')],
    ['another condition', ACTION_TEXT.replace('if: always()', 'if: cancelled()')],
  ])('would be refused here with %s', (_, text) => {
    expect(text).not.toBe(ACTION_TEXT);
    expect(() => parseAction(text)).toThrow();
  });
});
