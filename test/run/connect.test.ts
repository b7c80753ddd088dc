import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../support/clients/program.js';
import { commandEnv, runCommandLine } from '../support/grant-command.js';
import { servers } from '../support/engines.js';
import { ROOT } from '../support/folders.js';
import { registerShop, type ShopTarget, untilState } from '../support/grants.js';
import { useSharedBroker } from '../support/shared-broker.js';

const CLI = join(ROOT, 'dist', 'apps', 'cli', 'main.js');
const PYTHON = '/usr/bin/python3';

const broker = useSharedBroker('default');
let shop: ShopTarget;
let folder: string;

beforeAll(async () => {
  shop = await registerShop(broker(), servers().mariadb);
  folder = await mkdtemp(join(tmpdir(), 'connect-test-'));
});
afterAll(async () => {
  await shop?.drop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

describe('doorwarden connect', () => {
  it('opens an ordinary client at the terminal, which Ctrl-C does not take away', async () => {
    const typing = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0: os.execvp(sys.argv[1], sys.argv[1:])
seen = b""
def until(text, after=0):
  global seen
  while text not in seen[after:]: seen += os.read(terminal, 1024)
until(b"]> ")
before = len(seen)
os.write(terminal, b"SELECT COUNT(*) AS rows_there FROM ord\\x03")
until(b"]> ", before) # what is typed before the client asks again goes with the line
os.write(terminal, b"SELECT COUNT(*) + 40 AS n FROM orders;\\n")
until(b"43")
os.write(terminal, b"quit\\n")
try:
  while True: seen += os.read(terminal, 1024)
except OSError: pass
_, status = os.waitpid(pid, 0)
print(seen.decode(), os.waitstatus_to_exitcode(status))`;
    const { stdout } = await runProgram(PYTHON, ['-c', typing, process.execPath, CLI, 'connect', shop.name], {
      env: { ...commandEnv(broker()), TERM: 'dumb' },
    });
    expect(stdout).toContain(`[${shop.database}]>`);
    const [, id = ''] = /recording: (\w{26})\s+0\n$/.exec(stdout) ?? [];
    expect(await untilState(broker(), id, 'sealed')).toMatchObject({
      closeReason: 'completed',
      task: { title: 'Work at a terminal (doorwarden connect)' },
    });
  });

  it('gives its input and more options to the client that is named', async () => {
    const args = ['connect', shop.name, '--client', 'mysql', '--', '-N', '-e', 'SELECT COUNT(*) FROM orders'];
    expect(await runCommandLine(broker(), args)).toMatchObject({ stdout: '3\n', exitCode: 0 });
    const piped = await runCommandLine(broker(), ['connect', shop.name, '--', '-N'], { input: 'SELECT 40 + 2;' });
    expect(piped).toMatchObject({ stdout: '42\n', exitCode: 0 });
  });

  it('does not let options of the user in the way: it connects through the grant alone', async () => {
    await writeFile(join(folder, '.my.cnf'), '[client]\nhost=192.0.2.1\nuser=somebody\nport=1\n');
    const args = ['connect', shop.name, '--', '-N', '-e', 'SELECT CURRENT_USER()'];
    const { stdout, exitCode } = await runCommandLine(broker(), args, { env: { HOME: folder } });
    expect({ stdout, exitCode }).toEqual({ stdout: expect.stringMatching(/^dw_/), exitCode: 0 });
  });

  it('says which clients there are, where there is none or another one is named', async () => {
    const missing = await runCommandLine(broker(), ['connect', shop.name, '--client', 'psql-none']);
    expect(missing).toMatchObject({ exitCode: 127, stdout: '' });
    const other = await runCommandLine(broker(), ['connect', shop.name, '--client', 'sh']);
    expect(other.exitCode).toBe(2);
    expect(other.stderr).toContain("This target's clients are mariadb, mysql, not sh.");
    const none = await runCommandLine(broker(), ['connect', shop.name], { env: { PATH: folder } });
    expect(none.exitCode).toBe(127);
    expect(none.stderr).toContain("None of the target's clients is in the folders of PATH: mariadb, mysql.");
  });
});
