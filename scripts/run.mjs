// The entry of all npm scripts: brings what the command needs, then runs it. It runs on Node.js 20 before anything is
// installed, so it imports only what Node.js has.
import { build, buildEcho } from './setup/build.mjs';
import { check } from './check.mjs';
import { bringClientTests } from './setup/client-tests.mjs';
import { bringDependencies } from './setup/dependencies.mjs';
import { withSetupLock } from './setup/lock.mjs';
import { bringMysql97 } from './setup/mysql97.mjs';
import { bringNode } from './setup/node24.mjs';
import { runProgram } from './setup/program.mjs';
import { bringSimpleSamlPhp } from './setup/simplesamlphp.mjs';
import { SetupError, say, step, together } from './setup/step.mjs';
import { bringSqlCorpus } from './setup/sql-corpus.mjs';
import { bringSystemPackages } from './setup/system-packages.mjs';
import { lastLines, runTests, runUnitTests } from './test.mjs';

/**
 * What each command needs, and what it then runs under Node.js 24. `run` gets `{ node, args }` and gives the exit code.
 */
const COMMANDS = {
  quickstart: {
    about: "Starts everything, carries one agent's task through its whole life, and keeps serving.",
    options: ['--once   stop everything and end after the task; exit code 0 when every step went well'],
    needs: { system: ['servers'], build: true },
    run: ({ node, args }) => runProgram(node, ['dist/apps/quickstart/main.js', ...args]),
  },
  dev: {
    about: 'Like quickstart, and starts again whenever a source file changes.',
    needs: { system: ['servers'], build: true },
    run: ({ node, args }) => runProgram(node, ['scripts/dev.mjs', ...args]),
  },
  test: {
    about: 'Checks the code, then runs the tests against real servers. Other arguments go to vitest.',
    options: ['--no-check   only the tests, without the checks'],
    needs: {
      system: ['servers', 'test clients', 'browsers'],
      mysql97: {},
      sqlCorpus: true,
      clientTests: true,
      simpleSamlPhp: true,
      build: true,
      echo: true,
    },
    run: runTests,
    onSetupError: () => lastLines().forEach(say),
  },
  unit: {
    about:
      'Runs the tests of pure code, of one folder or file where it is named; starts nothing else. The loop to work in.',
    needs: {},
    run: runUnitTests,
    onSetupError: () => lastLines().forEach(say),
  },
  check: {
    about: 'Types, lint, layers, format and names; prints all that fails.',
    needs: {},
    run: ({ node }) => check(node),
  },
  bench: {
    about: 'Measures the broker against haproxy, MySQL Router and direct connections; prints the performance table.',
    options: [
      '--only ROW     measure only this row (may be repeated); the rows are in docs/performance.md',
      '--runs N       runs of each side, in turn (5)',
      '--seconds N    length of one run (4)',
      '--grants N     idle grants to open at the same time (1000)',
      '--profile      write a CPU profile of the gateway to .local/bench-profile',
    ],
    needs: { system: ['servers', 'bench tools', 'browsers'], mysql97: { withRouter: true }, build: true },
    run: ({ node, args }) => runProgram(node, ['bench/main.mjs', ...args]),
  },
  corpus: {
    about: "Compares the statement analysis with real servers and the second parser on MariaDB's own test suite.",
    options: [
      '--ask-again    ask the servers again instead of taking what they said last time',
      '--every N      only one script of N',
      '--show         print what is milder or misnamed, and why statements are not understood',
    ],
    needs: { system: ['servers'], mysql97: {}, sqlCorpus: true },
    run: ({ node, args }) => runProgram(node, ['test/sql/corpus/main.mjs', ...args]),
  },
  pictures: {
    about: "Makes the README's pictures of the page, with the quickstart and Chromium, in docs/pictures/.",
    needs: { system: ['servers', 'browsers'], build: true },
    run: ({ node }) => runProgram(node, ['scripts/pictures.mjs']),
  },
  build: {
    about: 'Builds dist/ when the sources changed.',
    needs: { build: true },
    run: () => 0,
  },
  'client-package': {
    about: 'Builds the package @doorwarden/client in clients/typescript/dist/.',
    needs: {},
    run: ({ node }) => runProgram(node, ['scripts/client-package.mjs']),
  },
  migrate: {
    about: 'Brings the state database at DATABASE_URL to the newest schema.',
    needs: { build: true },
    run: ({ node, args }) => runProgram(node, ['dist/apps/migrate.js', ...args]),
  },
};

const [name, ...args] = process.argv.slice(2);
process.exitCode = await main(name, args);

async function main(commandName, commandArgs) {
  const command = Object.hasOwn(COMMANDS, commandName ?? '') ? COMMANDS[commandName] : undefined;
  if (!command || commandArgs.includes('--help')) {
    say(command ? helpOf(commandName, command) : `Usage: node scripts/run.mjs ${Object.keys(COMMANDS).join('|')}`);
    return command ? 0 : 2;
  }
  try {
    const node = await withSetupLock(() => setUp(command.needs));
    return await command.run({ node, args: commandArgs });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    command.onSetupError?.();
    return 1;
  }
}

async function setUp(needs) {
  let node = '';
  await together(
    (async () => {
      await step('Node.js', async () => {
        const brought = await bringNode();
        node = brought.node;
        return brought.outcome;
      });
      await step('npm packages', () => bringDependencies(node));
      if (needs.build) await step('Build', () => build(node));
      if (needs.echo) await step('Build of the echo protocol', () => buildEcho(node));
    })(),
    (async () => {
      if (needs.system) await step('MariaDB, Redis', () => bringSystemPackages(needs.system));
      // After it: apt knows its packages then.
      if (needs.sqlCorpus) await step('SQL corpus', bringSqlCorpus);
      if (needs.clientTests) await step("MariaDB's client tests", bringClientTests);
      if (needs.simpleSamlPhp) await step('SimpleSAMLphp', bringSimpleSamlPhp);
    })(),
    needs.mysql97 && step('MySQL 9.7', () => bringMysql97(needs.mysql97)),
  );
  return node;
}

function helpOf(commandName, { about, options = [] }) {
  const lines = [about, '', `Usage: npm run ${commandName} [-- OPTIONS]`];
  return [...lines, ...(options.length > 0 ? ['', ...options.map((option) => `  ${option}`)] : [])].join('\n');
}
