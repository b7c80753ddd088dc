import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callApi } from '../../src/client/api-call.js';
import { ApiFailure } from '../../src/client/api-failure.js';
import { connectDoorwarden } from '../../src/client/doorwarden-client.js';
import { addressOfEnvironment } from '../../src/client/environment.js';
import { openGrant } from '../../src/client/open-grant.js';
import { runProgram } from '../support/clients/program.js';
import { hasPython, PYTHON, PYTHON_ENV } from '../support/clients/python.js';
import { makeTemporaryFolder } from '../support/folders.js';
import { runCommandLine } from '../support/grant-command.js';
import { type LyingIssuer, startLyingIssuer } from '../support/idp/lying-issuer.js';
import { agentOverStdio, mcpCommand } from '../support/mcp/stdio-agent.js';
import { useSharedBroker } from '../support/shared-broker.js';

/** What every client says with a token that is over, and with nothing else: what happened, what to do, and why. */
const REFUSED =
  /The bearer token was refused\. Get a new token from your identity provider .* The check is expired\. \(token_refused\)$/;
/** There is no such target: a client that is told that was let in. */
const NOWHERE = 'nowhere';
const LET_IN = /\(target_not_found\)$/;
const LIFETIME_SECONDS = 600;

const broker = useSharedBroker();
const folder = makeTemporaryFolder();
const file = join(folder, 'token');
let issuer: LyingIssuer;

beforeAll(async () => {
  issuer = await startLyingIssuer();
  const { api, keys } = broker();
  const put = (path: string, body: object) => callApi(api, path, { method: 'PUT', key: keys.operator, body });
  const provider = { kind: 'oidc', issuer: issuer.issuer, audience: api, for: ['agents'], allowPrivateAddresses: true };
  expect(await put('/v1/identity-providers/ci', provider)).toMatchObject({ status: 200 });
  const who = { principal: 'ci/{sub}', kind: 'agent', roles: ['agent'], groups: [] };
  const rules = [{ provider: 'ci', when: { sub: 'build-7' }, ...who }];
  expect(await put('/v1/identity-mapping', { rules })).toMatchObject({ status: 200 });
});
afterAll(async () => {
  await issuer?.close();
  await rm(folder, { recursive: true, force: true });
});

let tokens = 0;
/** Puts a token into the file, as a job that renews it does; an expired one is what is left when that stops. */
async function writeToken(state: 'good' | 'expired'): Promise<void> {
  tokens += 1;
  const now = Math.floor(Date.now() / 1000);
  const iat = state === 'good' ? now : now - LIFETIME_SECONDS - 100;
  const claims = { iss: issuer.issuer, aud: broker().api, sub: 'build-7', jti: `t${tokens}` };
  await writeFile(file, `${await issuer.sign({ ...claims, iat, exp: iat + LIFETIME_SECONDS })}\n`);
}

const environment = () => ({ DOORWARDEN_API: broker().api, DOORWARDEN_TOKEN_FILE: file });

describe('a token that has expired in its file is refused, with what to do,', () => {
  it('by doorwarden run, which starts nothing', async () => {
    const run = async () => {
      const words = ['run', '--target', NOWHERE, '--task', 'A test', '--', 'echo', 'done'];
      const env = { DOORWARDEN_API_KEY: undefined, ...environment() };
      const { stdout, stderr, exitCode } = await runCommandLine(broker(), words, { env });
      expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 125 });
      return stderr.trimEnd();
    };
    await writeToken('good');
    expect(await run()).toMatch(LET_IN);
    await writeToken('expired');
    expect(await run()).toMatch(REFUSED);
  });

  it('by doorwarden mcp, which goes on when there is a new one', async () => {
    const host = await agentOverStdio(mcpCommand(environment()));
    const ask = async () => {
      const asked = { target: NOWHERE, task: { title: 'A test' } };
      const { isError, facts, text } = await host.call('request_access', asked);
      expect(isError, text).toBe(true);
      return { text, error: facts['error'] };
    };
    try {
      await writeToken('expired');
      const { text, error } = await ask();
      expect(error).toMatchObject({ code: 'token_refused', step: 'credential', fields: { check: 'expired' } });
      expect(error).toMatchObject({ next: expect.stringContaining('Get a new token from your identity provider') });
      expect(text).toContain('Get a new token from your identity provider');
      await writeToken('good');
      expect((await ask()).error).toMatchObject({ code: 'target_not_found' });
      await writeToken('expired');
      expect((await ask()).error).toMatchObject({ code: 'token_refused' });
    } finally {
      await host.close();
    }
  });

  it('by a program with the client in TypeScript', async () => {
    const client = connectDoorwarden(addressOfEnvironment(environment()));
    const ask = () =>
      openGrant(client, { target: NOWHERE, task: { title: 'A test' }, ttlSeconds: 600 }).then(
        () => 'open',
        (error: unknown) => error,
      );
    await writeToken('good');
    expect(await ask()).toMatchObject({ code: 'target_not_found' });
    await writeToken('expired');
    const refused = await ask();
    expect(refused).toBeInstanceOf(ApiFailure);
    expect(refused).toMatchObject({ code: 'token_refused', message: expect.stringMatching(REFUSED) });
  });

  it.skipIf(!hasPython())('by a program with the client in Python', async () => {
    const script = `
import doorwarden
try:
    with doorwarden.grant("${NOWHERE}", "A test"):
        print("open")
except doorwarden.ApiFailure as failure:
    print(failure.code, failure)`;
    const ask = async () => {
      const { stdout } = await runProgram(PYTHON, ['-c', script], { env: { ...PYTHON_ENV, ...environment() } });
      return stdout.trimEnd();
    };
    await writeToken('good');
    expect(await ask()).toMatch(LET_IN);
    await writeToken('expired');
    const told = await ask();
    expect(told).toMatch(/^token_refused /);
    expect(told).toMatch(REFUSED);
  });
});
