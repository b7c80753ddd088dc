import { parseArgs } from 'node:util';
import { SecondOpinion } from '../../../src/protocols/mysql/judge/second-opinion.js';
import { dialectOf } from '../../../src/protocols/mysql/sql/text/dialect.js';
import { type Flavour } from '../../support/servers/database-server.js';
import { type DifferentialReport, compareParsers } from './differential.js';
import { corpusStatements, findCorpus } from './installed.js';
import { type KindReport, compareKinds } from './kind-report.js';
import { type KnownKinds, askServer, knownKinds } from './known-kinds.js';

const PROGRESS_MS = 5_000;
const SHOWN_MAX = 50;
const FLAVOURS: readonly Flavour[] = ['mariadb', 'mysql'];

const { values: options } = parseArgs({
  options: {
    'ask-again': { type: 'boolean', default: false },
    every: { type: 'string', default: '1' },
    show: { type: 'boolean', default: false },
  },
});

const say = (line: string): boolean => process.stdout.write(`${line}\n`);

process.exitCode = await main(Number(options.every));

/** Gives 1 when something is milder for us than for a server or the second parser, 2 when nothing could be looked at. */
async function main(every: number): Promise<number> {
  const corpus = await findCorpus();
  if (!corpus.available || !Number.isInteger(every) || every < 1) {
    say(corpus.available ? '--every wants a whole number' : `There is no corpus: ${corpus.reason}`);
    return 2;
  }
  const statements = await corpusStatements(corpus.folder, every);
  say(`mariadb-test-data ${corpus.version}: ${statements.length} different statements`);
  const second = new SecondOpinion();
  let wrong = 0;
  for (const flavour of FLAVOURS) {
    // eslint-disable-next-line no-await-in-loop -- one server at a time
    const asked = await ask(flavour, statements, every === 1);
    if (asked === null) {
      say(`${flavour}: not on this machine`);
      continue;
    }
    const dialect = dialectOf({ flavour, version: asked.version, sqlMode: '' });
    const startedMs = performance.now();
    const kinds = compareKinds(statements, asked.kinds, dialect);
    const kindsMs = performance.now() - startedMs;
    // eslint-disable-next-line no-await-in-loop
    const parsers = await compareParsers(statements, asked.kinds, dialect, second);
    print(`${flavour} ${asked.version}`, kinds, kindsMs, parsers);
    wrong += kinds.milder.length + kinds.misnamed.length + parsers.milder.length;
  }
  await second.close();
  return wrong === 0 ? 0 : 1;
}

/** All statements: what the server said last time is kept; some of them: asked each time. */
function ask(flavour: Flavour, statements: readonly Buffer[], isWhole: boolean): Promise<KnownKinds | null> {
  let sinceMs = performance.now();
  const onProgress = (done: number): void => {
    if (performance.now() - sinceMs < PROGRESS_MS) return;
    sinceMs = performance.now();
    say(`  ${flavour}: asked about ${done} of ${statements.length}`);
  };
  return isWhole
    ? knownKinds(flavour, statements, { askAgain: options['ask-again'], onProgress })
    : askServer(flavour, statements, onProgress);
}

function print(title: string, kinds: KindReport, kindsMs: number, parsers: DifferentialReport): void {
  const share = (part: number, of: number): string => `${part} (${((100 * part) / of).toFixed(2)} %)`;
  say(title);
  say(`  the server can parse           ${kinds.accepted}`);
  say(`  understood                     ${share(kinds.understood, kinds.accepted)}`);
  say(`  stricter than the server asks  ${share(kinds.stricter, kinds.accepted)}`);
  say(`  milder than the server         ${kinds.milder.length}`);
  say(`  of another kind                ${kinds.misnamed.length}`);
  say(`  time for one statement         ${((1_000 * kindsMs) / kinds.accepted).toFixed(1)} µs`);
  say(`  second parser asked            ${parsers.asked}`);
  say(`  both see the same              ${share(parsers.agreed, parsers.asked)}`);
  say(`  it has no opinion              ${share(parsers.without, parsers.asked)}`);
  say(`  we see more                    ${parsers.stricter}`);
  say(`  it sees more                   ${parsers.milder.length}`);
  if (!options.show) return;
  for (const line of [...kinds.milder, ...kinds.misnamed].slice(0, SHOWN_MAX)) say(`    ${JSON.stringify(line)}`);
  for (const line of parsers.milder.slice(0, SHOWN_MAX)) say(`    second parser: ${JSON.stringify(line)}`);
  const reasons = [...kinds.reasons].sort(([, one], [, other]) => other - one);
  for (const [reason, count] of reasons.slice(0, SHOWN_MAX)) say(`    not understood: ${count} ${reason}`);
}
