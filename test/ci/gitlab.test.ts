import { readFileSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { grantPage, type GrantView } from '../../src/contracts/grants/grant.js';
import { type CiIssuer, type JobClaims, startCi } from '../support/ci/ci-issuer.js';
import { type GitlabOutcome, type GitlabRun, parseJob, runJob } from '../support/ci/gitlab-job.js';
import { runProgram } from '../support/clients/program.js';
import { hasPython, PYTHON, PYTHON_CLIENT, PYTHON_ENV } from '../support/clients/python.js';
import { servers } from '../support/engines.js';
import { makeTemporaryFolder, ROOT } from '../support/folders.js';
import { registerShop, type ShopTarget } from '../support/grants.js';
import { bodyOf, callAs } from '../support/http.js';
import { DOCUMENTED_AUDIENCE } from '../support/idp/documented-provider.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { untilOver } from '../support/task.js';

const DOCUMENT = readFileSync(join(ROOT, 'docs', 'ci.md'), 'utf8');
const JOB_URL = 'https://gitlab.com/acme/shop/-/jobs/4711';
const CLAIMS = {
  jti: 'c82e',
  sub: 'project_path:acme/shop:ref_type:branch:ref:main',
  namespace_path: 'acme',
  project_path: 'acme/shop',
  project_id: '22',
  user_login: 'kim',
  ref: 'main',
  ref_protected: 'true',
  pipeline_source: 'push',
};
const WAIT = { timeout: 45_000, interval: 50 };

const broker = useSharedBroker();
const workspace = makeTemporaryFolder();
const programs = join(workspace, 'bin');
let ci: CiIssuer;
let shop: ShopTarget;

beforeAll(async () => {
  await mkdir(programs);
  await symlink(join(ROOT, 'doorwarden'), join(programs, 'doorwarden'));
  shop = await registerShop(broker(), servers().mariadb);
  ci = await startCi(broker(), 'GitLab CI');
});
afterAll(async () => {
  await ci?.close();
  await shop?.drop();
  await rm(workspace, { recursive: true, force: true });
});

/** The job of docs/ci.md, with the broker and the target of this test; `command` in place of its own. */
function run(
  { command, claims = CLAIMS }: { readonly command?: string; readonly claims?: JobClaims } = {},
  changed: Partial<GitlabRun> = {},
): Promise<GitlabOutcome> {
  const [, yaml = ''] = /## GitLab CI\n\n```yaml\n(.*?)```/s.exec(DOCUMENT) ?? [];
  const here = yaml.replaceAll(DOCUMENTED_AUDIENCE, broker().api).replace('--target shop', `--target ${shop.name}`);
  const job = parseJob(command === undefined ? here : here.replace(/ -- .*/, ` -- ${command}`));
  return runJob(job, {
    token: (audience) => ci.token(claims, audience),
    path: [programs, process.env['PATH']].join(delimiter),
    predefined: { CI_JOB_URL: JOB_URL, CI_PROJECT_PATH: 'acme/shop' },
    workspace,
    ...changed,
  });
}

/** The newest grant, once it is over. */
async function lastGrant(): Promise<GrantView | undefined> {
  const [last] = bodyOf(
    await callAs(broker(), 'operator', { path: `/v1/grants?target=${shop.name}` }),
    grantPage,
  ).items;
  return last && untilOver(broker(), last.id);
}

const CLOSED = { state: 'sealed', closeReason: 'completed' };

describe('the GitLab job of docs/ci.md', () => {
  it('counts the orders by the token of the job alone', async () => {
    const { exitCode, stdout, stderr } = await run();
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: 'COUNT(*)\n3\n', stderr: expect.any(String) });
    const grant = await lastGrant();
    expect(grant).toMatchObject({
      ...CLOSED,
      principal: { name: 'gitlab:acme/shop', kind: 'agent' },
      sponsor: { name: 'kim' },
      task: { title: 'Count the orders', reference: JOB_URL },
      access: [{ database: shop.database, tables: ['orders'], privileges: ['SELECT'] }],
    });
    expect(stderr).toContain(grant?.id); // the name of the recording
    expect(stderr).not.toMatch(/eyJ[\w-]+\./);
  });

  it('ends as its command does', async () => {
    expect(await run({ command: "sh -c 'exit 7'" })).toMatchObject({ exitCode: 7 });
    expect(await lastGrant()).toMatchObject(CLOSED);
  });

  it('closes its grant when it is cancelled', async () => {
    const { exitCode } = await run(
      { command: "sh -c 'echo begun; exec sleep 600'" },
      {
        onStart(process_, log) {
          void vi
            .waitFor(() => expect(log()).toContain('begun'), WAIT)
            .then(() => process.kill(-(process_.pid ?? Number.NaN), 'SIGTERM'));
        },
      },
    );
    expect([143, 'SIGTERM']).toContain(exitCode); // bash itself is told to end, too
    expect(await lastGrant()).toMatchObject(CLOSED);
  });

  it('gets no grant on a branch that is not protected', async () => {
    const before = await lastGrant();
    const { exitCode, stdout, stderr } = await run({ claims: { ...CLAIMS, ref_protected: 'false' } });
    expect({ exitCode, stdout }).toEqual({ exitCode: 125, stdout: '' });
    expect(stderr).toContain('(token_refused)');
    expect((await lastGrant())?.id).toBe(before?.id);
  });
});

describe.skipIf(!hasPython('pymysql', 'cryptography'))('a program in Python in a CI', () => {
  it('gets its grant by the token in a file', async () => {
    const file = join(workspace, 'token');
    await writeFile(file, `${await ci.token(CLAIMS)}\n`, { mode: 0o600 });
    const env = { ...PYTHON_ENV, DOORWARDEN_API: broker().api, DOORWARDEN_TOKEN_FILE: file };
    const example = [join(PYTHON_CLIENT, 'examples', 'with_pymysql.py'), shop.name];
    expect(await runProgram(PYTHON, example, { env })).toMatchObject({ exitCode: 0, stdout: 'orders: 3\n' });
    expect(await lastGrant()).toMatchObject({ ...CLOSED, principal: { name: 'gitlab:acme/shop' } });
  });
});
