import type { ConnectionView } from '../../../contracts/grant.js';

/**
 * All that a broker puts into a connection. It gives addresses and secrets, and nothing that decides what is loaded or run
 * here: the address of the broker may come from a file `.env` of the folder that a command runs in.
 */
const VARIABLES: ReadonlySet<string> = new Set([
  'DATABASE_URL',
  'MYSQL_DATABASE',
  'MYSQL_HOST',
  'MYSQL_PWD',
  'MYSQL_SSL_CA',
  'MYSQL_TCP_PORT',
  'MYSQL_USER',
]);
const FOLDER_VARIABLES: ReadonlySet<string> = new Set(['MYSQL_HOME']);
const PROGRAMS: ReadonlySet<string> = new Set(['mariadb', 'mysql']);
const ARGUMENT = /^--defaults-file=(?<file>[\w.-]+)$/;
const CERTIFICATES = /^[a-z][\w.-]*\.pem$/;
const OPTIONS = /^[a-z][\w.-]*\.cnf$/;
/** Others start programs (`pager`), load libraries (`plugin-dir`), or read further files (`!include`). */
const OPTION_LINE =
  /^(?:|\[(?:client|client-mariadb|mysql)\]|(?:database|host|password|port|protocol|ssl-ca|ssl-mode|ssl-verify-server-cert|user)=".*")$/;

export type KnownPart = Pick<ConnectionView, 'env' | 'files' | 'folderEnv' | 'programs'>;

/** What of a connection is written, set and started here; whatever else is in it is left out. */
export function knownPart({ env, files, folderEnv, programs }: KnownPart): KnownPart {
  const known = Object.fromEntries(Object.entries(files).filter(([name, text]) => isKnownFile(name, text)));
  return {
    env: Object.fromEntries(Object.entries(env).filter(([name]) => VARIABLES.has(name))),
    files: known,
    folderEnv: folderEnv.filter((name) => FOLDER_VARIABLES.has(name)),
    programs: programs.filter(
      ({ name, args }) =>
        PROGRAMS.has(name) && args.every((arg) => Object.hasOwn(known, ARGUMENT.exec(arg)?.groups?.['file'] ?? '')),
    ),
  };
}

/** An environment without all that a connection may set: what a grant's connection lacks is not the caller's own either. */
export function withoutConnection(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !VARIABLES.has(name) && !FOLDER_VARIABLES.has(name)),
  );
}

function isKnownFile(name: string, text: string): boolean {
  if (CERTIFICATES.test(name)) return true;
  return OPTIONS.test(name) && text.split(/\r\n|[\r\n]/).every((line) => OPTION_LINE.test(line));
}
