import type { EndpointPlace } from '../../protocol/grant-rules.js';

interface OptionFacts extends EndpointPlace {
  readonly password: string;
  readonly caFile: string;
}

/** By the group of the option file; the group's programs read them. */
type VerifyingOptions = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * An option file for `--defaults-file`, which MySQL's and MariaDB's own programs read. How a server's name is verified is
 * spelt differently by the two, and each refuses the other's word.
 *
 * https://dev.mysql.com/doc/refman/9.7/en/option-files.html
 */
export function optionFile(facts: OptionFacts, verifying: VerifyingOptions): string {
  const { host, port, username, password, database, caFile } = facts;
  const { client = {}, ...others } = verifying;
  const all = { host, port: String(port), protocol: 'TCP', user: username, password, 'ssl-ca': caFile, ...client };
  // Programs such as mysqldump know no option of this name and stop, so it stands in the interactive client's own group.
  const own = database === null ? {} : { mysql: { database } };
  const groups = Object.entries({ client: all, ...others, ...own });
  return groups.map(([name, options]) => `[${name}]\n${lines(options)}`).join('\n');
}

function lines(options: Readonly<Record<string, string>>): string {
  return Object.entries(options)
    .map(([name, value]) => line(name, value))
    .join('');
}

/** Within the outer quotes a quote means itself, and only the backslash has to be escaped. */
function line(name: string, value: string): string {
  return `${name}="${value.replaceAll('\\', '\\\\')}"\n`;
}
