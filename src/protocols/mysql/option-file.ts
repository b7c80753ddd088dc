import type { EndpointPlace } from '../../protocol/grant-rules.js';

interface OptionFacts extends EndpointPlace {
  readonly password: string;
  readonly caFile: string;
}

/**
 * An option file for `--defaults-file`, which MySQL's and MariaDB's own programs read. How a server's name is verified is
 * spelt differently by the two, and each refuses the other's word.
 *
 * https://dev.mysql.com/doc/refman/9.7/en/option-files.html
 */
export function optionFile(facts: OptionFacts, verifying: Readonly<Record<string, string>>): string {
  const { host, port, username, password, database, caFile } = facts;
  const all = { host, port: String(port), protocol: 'TCP', user: username, password, 'ssl-ca': caFile, ...verifying };
  // Programs such as mysqldump know no option of this name and stop, so it stands in the interactive client's own group.
  const own = database === null ? '' : `\n[mysql]\n${line('database', database)}`;
  const lines = Object.entries(all).map(([name, value]) => line(name, value));
  return `[client]\n${lines.join('')}${own}`;
}

/** Within the outer quotes a quote means itself, and only the backslash has to be escaped. */
function line(name: string, value: string): string {
  return `${name}="${value.replaceAll('\\', '\\\\')}"\n`;
}
