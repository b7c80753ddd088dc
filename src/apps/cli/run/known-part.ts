import type { ConnectionView } from '../../../contracts/grants/grant.js';
import type { ClientProtocol } from '../../../protocol/client-protocol.js';
import { CLIENT_PROTOCOLS } from '../../client-protocols.js';

type Protocols = readonly Pick<ClientProtocol, 'name' | 'forms'>[];
export type KnownPart = Pick<ConnectionView, 'env' | 'files' | 'folderEnv' | 'programs'>;

const NOTHING: KnownPart = { env: {}, files: {}, folderEnv: [], programs: [] };

/** What of a connection is written, set and started here; whatever its protocol does not know is left out. */
export function knownPart(
  { protocol, env, files, folderEnv, programs }: KnownPart & Pick<ConnectionView, 'protocol'>,
  protocols: Protocols = CLIENT_PROTOCOLS,
): KnownPart {
  const forms = protocols.find(({ name }) => name === protocol)?.forms;
  if (forms === undefined) return NOTHING;
  const known = Object.fromEntries(Object.entries(files).filter(([name, text]) => forms.isFile(name, text)));
  const names = new Set(Object.keys(known));
  return {
    env: Object.fromEntries(Object.entries(env).filter(([name]) => forms.variables.includes(name))),
    files: known,
    folderEnv: folderEnv.filter((name) => forms.folderVariables.includes(name)),
    programs: programs.filter((program) => forms.isProgram(program, names)),
  };
}

/**
 * An environment without all that a connection of any protocol may set: what a grant's connection lacks is not the caller's own
 * either.
 */
export function withoutConnection(env: NodeJS.ProcessEnv, protocols: Protocols = CLIENT_PROTOCOLS): NodeJS.ProcessEnv {
  const all = new Set(protocols.flatMap(({ forms }) => [...forms.variables, ...forms.folderVariables]));
  return Object.fromEntries(Object.entries(env).filter(([name]) => !all.has(name)));
}
