import { Command } from 'commander';
import { packageVersion } from '../package-version.js';
import { keepToConventions } from './terminal/conventions.js';

type CommandMaker = (env: NodeJS.ProcessEnv) => Promise<Command>;

/** They stand before each call of a program, whose words may look like options of ours. */
const GRANT_COMMANDS: Readonly<Record<string, CommandMaker>> = {
  run: async (env) => (await import('./run/run.js')).runProgramCommand(env),
  connect: async (env) => (await import('./connect/connect.js')).connectCommand(env),
  exec: async () => (await import('./exec/exec.js')).execCommand(),
};

const OTHER_COMMANDS: Readonly<Record<string, CommandMaker>> = {
  login: async () => (await import('./login/login.js')).loginCommand(),
  whoami: async () => (await import('./login/login.js')).whoamiCommand(),
  logout: async () => (await import('./login/login.js')).logoutCommand(),
  profiles: async () => (await import('./profiles/profiles.js')).profilesCommand(),
  approvals: async () => (await import('./approvals/approvals.js')).approvalsCommand(),
  grants: async () => (await import('./grants/grants.js')).grantsCommand(),
  recordings: async () => (await import('./recordings/recordings.js')).recordingsCommand(),
  statements: async () => (await import('./statements/statements.js')).statementsCommand(),
  record: async () => (await import('./record/record.js')).recordCommand(),
  targets: async () => (await import('./targets/targets.js')).targetsCommand(),
  policy: async () => (await import('./policy/policy.js')).policyCommand(),
  principals: async () => (await import('./principals/principals.js')).principalsCommand(),
  apply: async () => (await import('./apply/apply.js')).applyCommand(),
  export: async () => (await import('./apply/apply.js')).exportCommand(),
  keys: async () => (await import('./keys/keys.js')).keysCommand(),
  'sign-in-link': async () => (await import('./sign-in/sign-in-link.js')).signInLinkCommand(),
  mcp: async () => (await import('./mcp/mcp.js')).mcpCommand(),
  verify: async () => (await import('./verify.js')).verifyCommand(),
  replay: async () => (await import('./replay/replay.js')).replayCommand(),
  api: async () => (await import('./processes.js')).processCommand('api'),
  worker: async () => (await import('./processes.js')).processCommand('worker'),
  migrate: async () => (await import('./processes.js')).processCommand('migrate'),
  gateway: async () => (await import('./gateway/gateway.js')).gatewayCommand(),
  index: async () => (await import('./statement-index/statement-index.js')).statementIndexCommand(),
  version: async () => (await import('./version.js')).versionCommand(),
};

/** The commands that load without the others: of those the code takes longer to load than most answers to come. */
export const COMMANDS_ALONE: readonly string[] = Object.keys({ ...GRANT_COMMANDS, ...OTHER_COMMANDS });

/** `doorwarden` with one command alone, or with none where only its version is asked; undefined for every other name. */
export async function oneCommandProgram(name: string, env: NodeJS.ProcessEnv): Promise<Command | undefined> {
  const doorwarden = new Command('doorwarden');
  if (name === '--version' || name === '-V') return keepToConventions(doorwarden.version(packageVersion()));
  const other = makerIn(OTHER_COMMANDS, name);
  const make = other ?? makerIn(GRANT_COMMANDS, name);
  if (make === undefined) return undefined;
  if (other !== undefined) doorwarden.version(packageVersion());
  return keepToConventions(doorwarden.addCommand(await make(env)));
}

function makerIn(commands: Readonly<Record<string, CommandMaker>>, name: string): CommandMaker | undefined {
  return Object.hasOwn(commands, name) ? commands[name] : undefined;
}
