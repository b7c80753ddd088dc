import { beforeAll, describe, expect, it } from 'vitest';
import { analyse } from '../../src/protocols/mysql/sql/analyse.js';
import { dialectOf } from '../../src/protocols/mysql/sql/text/dialect.js';
import { type StatementFacts } from '../../src/protocols/sql/statement.js';
import { shownLine } from '../../src/domain/visible-text.js';
import { type Flavour } from '../support/servers/database-server.js';
import { findMysql97 } from '../support/mysql97.js';
import { ADVERSARIAL } from './adversarial.js';
import { type Adversarial } from './adversarial/shape.js';
import { isMilder, severityOfFacts, understated } from './support/severity.js';
import { type WatchedRun, watchAll } from './support/watched-server.js';

const ALL = Object.values(ADVERSARIAL).flat();
const mysql97 = await findMysql97();
const flavours: readonly Flavour[] = mysql97.available ? ['mariadb', 'mysql'] : ['mariadb'];
/** Less than this many statements that a server takes would say that the servers were not asked. */
const TAKEN_MIN = 600;

const runs = new Map<Flavour, WatchedRun<Adversarial>>();

// Both servers at the same time: each takes one statement after the other, with looks at everything in between.
beforeAll(async () => {
  await Promise.all(
    flavours.map(async (flavour) => {
      const watched = await watchAll(flavour, ALL);
      if (watched === null) throw new Error(`There is no ${flavour} here.`);
      runs.set(flavour, watched);
    }),
  );
}, 300_000);

describe.each(flavours)('statements that are more than they seem, on %s', (flavour) => {
  let run: WatchedRun<Adversarial>;

  const factsOf = ({ text, sqlMode }: Adversarial): StatementFacts => {
    const dialect = dialectOf({ flavour, version: run.version, sqlMode: sqlMode ?? run.sqlMode });
    return analyse(text, dialect, 'shop').facts;
  };

  /** What is understated, with the statement; empty where the server did not take it for anything. */
  const wrongs = (statement: Adversarial): readonly string[] => {
    const deed = run.deeds.get(statement);
    if (deed === undefined || deed.kinds[0] === 'error') return [];
    const facts = factsOf(statement);
    const reasons = [...understated(facts, deed)];
    if (statement.atLeast !== undefined && isMilder(severityOfFacts(facts), statement.atLeast)) {
      reasons.push(`less than ${statement.atLeast} for us`);
    }
    return reasons.map((reason) => `${shownLine(statement.text.toString())} [${deed.kinds.join(', ')}]: ${reason}`);
  };

  beforeAll(() => {
    const watched = runs.get(flavour);
    if (watched === undefined) throw new Error(`Nothing was run on ${flavour}.`);
    run = watched;
  });

  it('are run by the server, or taken for something before they fail', () => {
    const taken = ALL.filter((statement) => {
      const deed = run.deeds.get(statement);
      return deed !== undefined && deed.kinds[0] !== 'error';
    });
    expect(taken.length).toBeGreaterThan(TAKEN_MIN);
  });

  it.each(Object.entries(ADVERSARIAL))('do no more than their facts say: %s', (_topic, statements) => {
    expect(statements.flatMap(wrongs)).toEqual([]);
  });
});
