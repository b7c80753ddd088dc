import { createServer } from 'node:http';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { letInByBrowser } from './device-login.js';

const OPENING = {
  deviceCode: 'A'.repeat(43),
  userCode: 'BDFH-JKLM',
  verificationUri: 'https://doorwarden.example/device',
  expiresInSeconds: 600,
  intervalSeconds: 2,
};
const TOKEN = { token: `dws_${'B'.repeat(43)}`, principal: 'ana', endsAt: '2026-01-01T00:00:00Z' };
type Answer = readonly [status: number, body: unknown, headers?: Readonly<Record<string, string>>] | 'gone';

const problem = (code: string) => ({ code, title: 'What happened.', next: 'What to do.' });

/** A broker that answers each question for the token with the next of these, and how long the command line waited before each. */
async function against(answers: readonly Answer[], opening: object = OPENING) {
  const rest = [...answers];
  const server = createServer((request, response) => {
    const answer: Answer | undefined = request.url === '/auth/device' ? [200, opening] : rest.shift();
    if (answer === undefined || answer === 'gone') request.destroy();
    else response.writeHead(answer[0], answer[2]).end(JSON.stringify(answer[1]));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const api = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const waitedMs: number[] = [];
  let said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  const pause = async (ms: number): Promise<void> => void waitedMs.push(ms);
  const token = letInByBrowser(api, { browser: false, pause });
  return { token, waitedMs, said: () => said };
}

afterEach(() => vi.restoreAllMocks());

it('asks at the interval that it was told, and more slowly from the time that it is told so', async () => {
  const pending: Answer = [400, problem('authorization_pending')];
  const login = await against([pending, [400, problem('slow_down')], pending, [200, TOKEN]]);
  expect(await login.token).toBe(TOKEN.token);
  expect(login.waitedMs).toEqual([2_000, 2_000, 7_000, 7_000]);
  expect(login.said()).toContain('Open https://doorwarden.example/device\nand type this code:  BDFH-JKLM\n');
  expect(login.said()).not.toContain(OPENING.deviceCode);
});

it('goes on while the broker restarts, has no Redis, or says how long to wait', async () => {
  const login = await against([
    'gone',
    [502, '<html>'],
    [503, problem('queue_unavailable')],
    [429, problem('too_many_requests'), { 'retry-after': '9' }],
    [200, TOKEN],
  ]);
  expect(await login.token).toBe(TOKEN.token);
  expect(login.waitedMs).toEqual([2_000, 5_000, 5_000, 5_000, 9_000]);
});

it.each(['access_denied', 'expired_token'])('ends with %s', async (code) => {
  const login = await against([[400, problem(code)]]);
  await expect(login.token).rejects.toThrow(`What happened. What to do. (${code})`);
});

it('ends when the time of its code is over, and does not ask all the time', async () => {
  const hasty = { ...OPENING, intervalSeconds: 0, expiresInSeconds: 0 };
  const login = await against([[400, problem('authorization_pending')]], hasty);
  await expect(login.token).rejects.toThrow('(authorization_pending)');
  expect(login.waitedMs).toEqual([500]);
});

it('shows what a broker makes up in one line, without what speaks to the terminal', async () => {
  const login = await against([[200, TOKEN]], { ...OPENING, userCode: 'X\u001b[2J\nSigned in.' });
  await login.token;
  expect(login.said()).toContain('X⟨U+001B⟩[2J⟨U+000A⟩Signed in.\n');
  expect(login.said()).not.toContain('\u001b');
});

it('says so where the broker answers in another form', async () => {
  const login = await against([], { userCode: 7 });
  await expect(login.token).rejects.toThrow('answers in another form than this version knows');
});
