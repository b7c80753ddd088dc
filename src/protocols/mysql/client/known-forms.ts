import type { KnownForms } from '../../../protocol/client-protocol.js';

const PROGRAMS: ReadonlySet<string> = new Set(['mariadb', 'mysql']);
const ARGUMENT = /^--defaults-file=(?<file>[\w.-]+)$/;
const CERTIFICATES = /^[a-z][\w.-]*\.pem$/;
const OPTIONS = /^[a-z][\w.-]*\.cnf$/;
/** Others start programs (`pager`), load libraries (`plugin-dir`), or read further files (`!include`). */
const OPTION_LINE =
  /^(?:|\[(?:client|client-mariadb|mysql)\]|(?:database|host|password|port|protocol|ssl-ca|ssl-mode|ssl-verify-server-cert|user)=".*")$/;

/** All that a broker puts into a connection to MySQL or MariaDB. */
export const MYSQL_FORMS: KnownForms = {
  variables: [
    'DATABASE_URL',
    'MYSQL_DATABASE',
    'MYSQL_HOST',
    'MYSQL_PWD',
    'MYSQL_SSL_CA',
    'MYSQL_TCP_PORT',
    'MYSQL_USER',
  ],
  folderVariables: ['MYSQL_HOME'],
  isFile(name, text) {
    if (CERTIFICATES.test(name)) return true;
    return OPTIONS.test(name) && text.split(/\r\n|[\r\n]/).every((line) => OPTION_LINE.test(line));
  },
  isProgram: ({ name, args }, files) =>
    PROGRAMS.has(name) && args.every((arg) => files.has(ARGUMENT.exec(arg)?.groups?.['file'] ?? '')),
};
