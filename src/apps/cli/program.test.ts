import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS_ALONE, oneCommandProgram } from './one-command.js';
import { ECHO_CLIENT } from '../../../test/support/echo/client-words.js';
import { CLIENT_PROTOCOLS } from '../client-protocols.js';
import { program } from './program.js';
import { completionFor } from './terminal/completion.js';

/** Processes: what they do is said by their settings. */
const PROCESSES = ['api', 'worker', 'migrate'];

interface Leaf {
  readonly path: string;
  readonly command: Command;
}

function leavesOf(command: Command, path: string): readonly Leaf[] {
  if (command.commands.length === 0) return [{ path, command }];
  return command.commands.flatMap((child) => leavesOf(child, `${path} ${child.name()}`.trim()));
}

/** What `--help` prints, with what was added to it. */
function helpOf(command: Command): string {
  let told = '';
  command.configureOutput({ ...command.configureOutput(), writeOut: (text) => void (told += text) });
  command.outputHelp();
  return told;
}

const LEAVES = leavesOf(program(), '').filter(({ path }) => !PROCESSES.includes(path));

describe.each(LEAVES)('doorwarden $path', ({ path, command }) => {
  it('says what it does, and gives examples that begin with it', () => {
    expect(command.description()).toMatch(/^[A-Z]/);
    const help = helpOf(command);
    expect(help).toMatch(/^Examples?:$/m);
    expect(help).toMatch(new RegExp(`^  (?:[A-Z_]+=\\S+ )*doorwarden ${path}`, 'm'));
  });

  it('says of every option what it does', () => {
    for (const { flags, description } of command.options) expect([flags, description]).not.toEqual([flags, '']);
  });

  it('takes no secret as an argument', () => {
    for (const { long, required } of command.options) {
      if (required) expect(long).not.toMatch(/password|secret|token$|key$/);
    }
  });
});

it('every command stands in a group of --help that says whom it is for', () => {
  const help = helpOf(program());
  expect(help).not.toMatch(/^Commands:/m);
  for (const command of program().commands) {
    if (command.name() !== 'help') expect([command.name(), command.helpGroup()]).not.toEqual([command.name(), '']);
  }
  expect(help.indexOf('For agents')).toBeLessThan(help.indexOf('For operators:'));
  expect(help).toMatch(/^Examples:\n {2}doorwarden run /m);
});

it.each(COMMANDS_ALONE)('%s is the same where it loads alone', async (name) => {
  const whole = program().commands.find((command) => command.name() === name);
  const [alone] = (await oneCommandProgram(name, {}))?.commands ?? [];
  if (whole === undefined || alone === undefined) throw new Error(`There is no ${name}`);
  const told = (command: Command) => leavesOf(command, name).map((leaf) => [leaf.path, helpOf(leaf.command)]);
  expect([helpOf(alone), told(alone)]).toEqual([helpOf(whole), told(whole)]);
});

it('a command that starts another program takes all options for its own, and the others say the version', async () => {
  expect((await oneCommandProgram('run', {}))?.version()).toBeUndefined();
  expect((await oneCommandProgram('grants', {}))?.version()).toBe(program().version());
});

it.each(['', 'help', '--help', 'completion', 'constructor', '__proto__'])('%j loads all commands', async (name) => {
  expect(await oneCommandProgram(name, {})).toBeUndefined();
});

it('a protocol more in the list has its options and examples in the help of commands, and the others keep theirs', () => {
  const leaves = leavesOf(program({}, [...CLIENT_PROTOCOLS, ECHO_CLIENT]), '');
  const helpAt = (wanted: string) =>
    leaves.flatMap(({ path, command }) => (path === wanted ? [helpOf(command)] : []))[0];
  const tried = helpAt('policy try');
  expect(tried).toContain('SQL or a line');
  expect(tried).toContain('--in-transaction');
  expect(tried).toContain('doorwarden policy try --target parrot "SHOUT hall hello"');
  for (const name of ['run', 'connect', 'exec']) {
    expect(helpAt(name)?.replaceAll(/\s+/g, ' ')).toMatch(
      /--read <table\.\.\.>[^]*--room <room\.\.\.>[^]*instead of --read and --write and --room/,
    );
  }
  expect(helpAt('run')).toMatch(/doorwarden run --target parrot[^]*MYSQL_HOST[^]*ECHO_HOST/);
  const ran = helpAt('exec')?.replaceAll(/\s+/g, ' ');
  expect(ran).toContain('run statements and lines in it');
  expect(ran).toMatch(/SQL or a line, as the target speaks/);
  expect(ran).toMatch(/doorwarden exec parrot[^]*Statements end with a semicolon\. Each line of a text is one\./);
});

describe('the completion of bash', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'doorwarden-completion-'));
    await writeFile(join(folder, 'doorwarden.bash'), completionFor('bash', program()));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** What bash offers after each of these command lines, by one bash; the last word of each is the one that is being typed. */
  async function offeredEach(lines: readonly (readonly string[])[]): Promise<readonly (readonly string[])[]> {
    const asked = lines.map(
      (words) =>
        `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; COMPREPLY=(); _doorwarden; printf '%s\\n' "\${COMPREPLY[@]}" .`,
    );
    await writeFile(join(folder, 'ask.bash'), ['source "$1"', ...asked].join('\n'));
    const files = [join(folder, 'ask.bash'), join(folder, 'doorwarden.bash')];
    const { stdout } = await promisify(execFile)('bash', files);
    const answers = stdout.split(/^\.\n/m).slice(0, -1);
    expect(answers).toHaveLength(lines.length);
    return answers.map((answer) => answer.split('\n').filter((line) => line !== ''));
  }

  async function offered(words: readonly string[]): Promise<readonly string[]> {
    const [answer = []] = await offeredEach([words]);
    return answer;
  }

  it('offers every command and option of the tree', async () => {
    const typed = LEAVES.map(({ path }) => ['doorwarden', ...path.split(' ')]);
    const [parents, options] = [await offeredEach(typed), await offeredEach(typed.map((words) => [...words, '--']))];
    for (const [index, { path, command }] of LEAVES.entries()) {
      expect(parents[index]).toContain(path.split(' ').at(-1));
      for (const { long, hidden } of command.options) if (!hidden) expect(options[index]).toContain(long);
    }
  });

  it('offers the values of an option that has a choice, and only those', async () => {
    expect(await offered(['doorwarden', 'approvals', 'list', '--state', 'p'])).toEqual(['pending']);
    expect(await offered(['doorwarden', 'completion', 'f'])).toEqual(['fish']);
  });

  it('offers what a group does by itself, too', async () => {
    expect(await offered(['doorwarden', 'grants', '--st'])).toEqual(['--state']);
    expect(await offered(['doorwarden', 'grants', '--state', 're'])).toEqual(['requested', 'refused']);
  });

  it('offers nothing of its own to the program that it starts', async () => {
    expect(await offered(['doorwarden', 'run', '--target', 'a', '--', 'ls', '--'])).toEqual([]);
  });

  it('offers nothing of its own where an option takes any value: bash offers files then', async () => {
    expect(await offered(['doorwarden', 'verify', '--keys', ''])).toEqual([]);
  });
});
