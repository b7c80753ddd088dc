import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

/** With what a client program connects. */
export interface ClientLogin {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database?: string;
  /** The file of the certificate authority to verify the server with; without it the client speaks plain text. */
  readonly caFile?: string;
}

/** The login in the form that both npm clients take, and nothing else that the object may carry. */
export async function connectionOptions({ host, port, user, password, database, caFile }: ClientLogin): Promise<{
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database?: string;
  readonly ssl?: { readonly ca: string };
}> {
  return {
    host,
    port,
    user,
    password,
    ...(database === undefined ? {} : { database }),
    ...(caFile === undefined ? {} : { ssl: { ca: await readFile(caFile, 'utf8') } }),
  };
}

/** What came of a client program. */
export interface ClientOutcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
}

export interface ProgramOptions {
  readonly input?: string;
  /** Beside PATH, and HOME as one that is not there. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** The program is sent what Ctrl-C sends once this has resolved. */
  readonly interrupt?: Promise<unknown>;
}

/** Runs a client program to its end, with `input` as its standard input. A failing program is an outcome, not an error. */
export async function runProgram(
  command: string,
  args: readonly string[],
  { input = '', env = {}, cwd = process.cwd(), interrupt }: ProgramOptions = {},
): Promise<ClientOutcome> {
  const child = spawn(command, args, { cwd, env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...env } });
  void interrupt?.then(() => child.kill('SIGINT'));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin.on('error', () => undefined); // a client that ends early does not read the rest of its input
  child.stdin.end(input);
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { stdout, stderr, exitCode };
}
