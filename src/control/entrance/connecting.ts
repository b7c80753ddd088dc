import type { EndpointPlace } from '../../protocol/grant-rules.js';
import type { TargetProtocol } from '../../protocol/target-protocol.js';

/** Any endpoint: only the names of what a connection has are told. */
const SOME_ENDPOINT: EndpointPlace = { host: 'localhost', port: 1, username: 'dw', database: 'name', ca: '' };

/** How a client gets into a grant on a target of this protocol, by what the `connection` of a grant has. */
export function connectingWords({ name, grants }: TargetProtocol): string {
  const { env, files, folderEnv, programs, clients } = grants.connection(SOME_ENDPOINT, '');
  const program = programs[0];
  const ways = [
    `\`env\` (environment variables: ${listOf(Object.keys(env))})`,
    '`dsn` (all of it in one text)',
    `\`clients\` (arguments and command lines for ${listOf(Object.keys(clients))})`,
  ];
  const written = Object.keys(files);
  if (written.length > 0) {
    const named = folderEnv.length === 0 ? '' : `, and name the folder in ${listOf(folderEnv)}`;
    const used = program === undefined ? '' : `; in it \`${[program.name, ...program.args].join(' ')}\` connects`;
    ways.push(`\`files\` (write ${listOf(written)} into a folder that only you can read${named}${used})`);
  }
  return `On a target of the protocol ${name} the connection has ${ways.join('; ')}.`;
}

function listOf(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}
