import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ClientLogin, type ClientOutcome, runProgram } from '../support/clients/program.js';

/** One statement of a script, with values where it has parameters; bytes are given in hexadecimal. */
export interface Step {
  readonly sql: string;
  readonly values: readonly (string | number | null | { readonly hex: string })[];
}

/** A driver of another language, with the program in `programs/` that runs a script with it. */
export interface DriverProgram {
  readonly name: string;
  readonly run: (login: ClientLogin, steps: readonly Step[]) => Promise<ClientOutcome>;
}

interface Candidate {
  readonly name: string;
  readonly aptPackage: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Arguments with which the command succeeds when the driver is there. */
  readonly look: readonly string[];
}

const programs = join(import.meta.dirname, 'programs');
const python = (module: string, aptPackage: string): Omit<Candidate, 'name'> => ({
  aptPackage,
  command: '/usr/bin/python3',
  args: [join(programs, 'dbapi.py'), module],
  look: ['-c', `import ${module}`],
});
const php = (name: string, extension: string): Omit<Candidate, 'name'> => ({
  aptPackage: 'php-cli php-mysql',
  command: '/usr/bin/php',
  args: [join(programs, name)],
  look: ['-r', `exit(extension_loaded('${extension}') ? 0 : 1);`],
});

const CANDIDATES: readonly Candidate[] = [
  { name: 'PyMySQL', ...python('pymysql', 'python3-pymysql') },
  { name: 'MySQLdb', ...python('MySQLdb', 'python3-mysqldb') },
  {
    name: 'DBD::mysql',
    aptPackage: 'libdbd-mysql-perl',
    command: '/usr/bin/perl',
    args: [join(programs, 'dbd.pl')],
    look: ['-MDBD::mysql', '-e', '1'],
  },
  { name: 'PHP mysqli', ...php('mysqli.php', 'mysqli') },
  { name: 'PHP PDO', ...php('pdo.php', 'pdo_mysql') },
  {
    name: 'Ruby mysql2',
    aptPackage: 'ruby-mysql2',
    command: '/usr/bin/ruby',
    args: [join(programs, 'mysql2.rb')],
    look: ['-e', "require 'mysql2'"],
  },
];

const isThere = ({ command, look }: Candidate): boolean =>
  existsSync(command) && spawnSync(command, look, { stdio: 'ignore' }).status === 0;

const found = CANDIDATES.map((candidate) => ({ candidate, there: isThere(candidate) }));

export const DRIVERS: readonly DriverProgram[] = found
  .filter(({ there }) => there)
  .map(({ candidate: { name, command, args } }) => ({
    name,
    run: (login, steps) => runDriver(command, args, login, steps),
  }));

/** Those that this machine has not, with the package that brings them. */
export const MISSING_DRIVERS: readonly { readonly name: string; readonly aptPackage: string }[] = found
  .filter(({ there }) => !there)
  .map(({ candidate: { name, aptPackage } }) => ({ name, aptPackage }));

function runDriver(
  command: string,
  args: readonly string[],
  login: ClientLogin,
  steps: readonly Step[],
): Promise<ClientOutcome> {
  const { host, port, user, password, database, caFile } = login;
  return runProgram(command, args, {
    input: JSON.stringify({ login: { host, port, user, password, database, caFile }, steps }),
  });
}
