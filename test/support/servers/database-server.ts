import mysql from 'mysql2/promise';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { constants } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ServerCertificate, makeServerCertificate } from '../certificates.js';
import { type Child, startChild, untilReady } from '../child.js';
import { LOCAL, logFolder, makeTemporaryFolder } from '../folders.js';
import { freePort } from '../ports.js';

const READY_LIMIT_MS = 30_000;
const HOST = '127.0.0.1';

export type Flavour = 'mariadb' | 'mysql';

/** What a client needs to know of a database server; plain values, so that it can go from one process to another. */
export interface DatabaseAddress {
  readonly flavour: Flavour;
  /** The version as `SELECT VERSION()` says it. */
  readonly version: string;
  readonly host: string;
  readonly port: number;
  readonly socket: string;
  readonly root: { readonly user: string; readonly password: string };
  /** The certificate authority to trust, as PEM, when the server was started with a certificate of ours. */
  readonly ca: string | null;
}

/** A running private server. */
export interface DatabaseServer extends DatabaseAddress {
  readonly pid: number;
  readonly folder: string;
  /** Ends the server in order and deletes its folder. */
  stop(): Promise<void>;
  /** SIGKILL, as a power cut: the data stays for `restart`. */
  kill(): Promise<void>;
  /** Starts the server again on the same port and data, after ending it in order if it runs. */
  restart(): Promise<void>;
}

export interface DatabaseServerOptions {
  /** Serve TLS with a certificate of a new test authority. */
  readonly tls?: boolean;
  /** Further arguments of the server program. */
  readonly args?: readonly string[];
}

/** What differs between the server programs. */
export interface ServerProgram {
  readonly flavour: Flavour;
  readonly command: string;
  /** Names the data folder that is made once and copied for each server; new with each version of the program. */
  readonly template: string;
  /** Makes a data folder in which root has no password and anonymous users and test databases are missing. */
  initialise(dataFolder: string): Promise<void>;
  argsOf(folders: { readonly data: string; readonly server: string }): readonly string[];
}

/** Starts a private server on a free loopback port, ready to answer, with a root that has a random password. */
export async function startDatabaseServer(
  program: ServerProgram,
  { tls = false, args = [] }: DatabaseServerOptions = {},
): Promise<DatabaseServer> {
  const folder = makeTemporaryFolder();
  const data = join(folder, 'data');
  // A server that starts deletes all temporary tables in its folder, those of other servers too, which then crash.
  const temporary = join(folder, 'tmp');
  await mkdir(temporary);
  const port = await freePort();
  const root = { user: 'root', password: randomBytes(16).toString('hex') };
  const socket = join(folder, 's');
  const certificate = tls ? await makeServerCertificate(join(folder, 'tls')) : null;
  const logFile = join(await logFolder('servers'), `${program.flavour}-${port}.log`);
  await cp(await templateOf(program), data, { recursive: true, mode: constants.COPYFILE_FICLONE });
  await writeFile(join(folder, 'init.sql'), rootStatements(root.password), { mode: 0o600 });

  const launch = (): Child =>
    startChild({
      command: program.command,
      logFile,
      args: [
        ...program.argsOf({ data, server: folder }),
        `--datadir=${data}`,
        `--tmpdir=${temporary}`,
        `--port=${port}`,
        `--bind-address=${HOST}`,
        `--socket=${socket}`,
        `--pid-file=${join(folder, 'pid')}`,
        `--init-file=${join(folder, 'init.sql')}`,
        ...tlsArgs(certificate),
        ...args,
      ],
    });
  const readyVersion = (child: Child): Promise<string> =>
    untilReady(child, READY_LIMIT_MS, () => askVersion({ port, ...root, ca: certificate?.ca ?? null }));

  let child = launch();
  const version = await readyVersion(child);
  return {
    flavour: program.flavour,
    version,
    host: HOST,
    port,
    socket,
    root,
    ca: certificate?.ca ?? null,
    folder,
    get pid() {
      return child.pid;
    },
    async stop() {
      await child.stop();
      await rm(folder, { recursive: true, force: true });
    },
    kill: () => child.kill(),
    async restart() {
      if (!child.hasExited) await child.stop();
      child = launch();
      await readyVersion(child);
    },
  };
}

/** The data folder to copy, made when this machine has none for this version of the program yet. */
async function templateOf(program: ServerProgram): Promise<string> {
  const template = join(LOCAL, 'test', 'templates', program.template);
  if (await exists(template)) return template;
  await mkdir(dirname(template), { recursive: true });
  const draft = `${template}.${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await program.initialise(draft);
  try {
    await rename(draft, template);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!(await exists(template))) throw error; // otherwise another process was faster, and its folder serves
  }
  return template;
}

/** Run by the server before it accepts the first connection, each time it starts; one statement on a line. */
function rootStatements(password: string): string {
  return [
    `CREATE USER IF NOT EXISTS 'root'@'%' IDENTIFIED BY '${password}';`,
    `GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' WITH GRANT OPTION;`,
    `ALTER USER 'root'@'localhost' IDENTIFIED BY '${password}';`,
    '',
  ].join('\n');
}

function tlsArgs(certificate: ServerCertificate | null): readonly string[] {
  if (!certificate) return [];
  const { caFile, certificateFile, keyFile } = certificate;
  return [`--ssl-ca=${caFile}`, `--ssl-cert=${certificateFile}`, `--ssl-key=${keyFile}`];
}

async function askVersion(login: {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly ca: string | null;
}): Promise<string> {
  const { ca, ...rest } = login;
  const connection = await mysql.createConnection({ host: HOST, ...rest, ...(ca === null ? {} : { ssl: { ca } }) });
  try {
    const [rows] = await connection.query<mysql.RowDataPacket[]>('SELECT VERSION() AS version');
    return String(rows[0]?.['version']);
  } finally {
    await connection.end();
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
