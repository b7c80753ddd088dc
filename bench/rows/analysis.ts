import { SecondOpinion } from '../../src/protocols/mysql/judge/second-opinion.js';
import { analyse } from '../../src/protocols/mysql/sql/analyse.js';
import { dialectOf } from '../../src/protocols/mysql/sql/text/dialect.js';
import { fingerprintOf } from '../../src/protocols/mysql/sql/shape/fingerprint.js';
import { sessionChange } from '../../src/protocols/mysql/sql/session/session-statement.js';
import { median } from '../figures.js';
import type { Row } from '../row.js';

const DIALECT = dialectOf({ flavour: 'mariadb', version: '10.11.19-MariaDB', sqlMode: 'STRICT_TRANS_TABLES' });
const DATABASE = 'shop';
const MICROSECONDS = 1_000;

/** 40 bytes: what sysbench and object mappers send most. */
const SHORT = 'SELECT c FROM sbtest1 WHERE id = 5023847';
const LONG = longSelect(1_024);

const HIT_CALLS = 500_000;
const WARM_UP_SHARE = 0.2;

/** What a statement of a known shape costs: its fingerprint, and finding it. */
export const analysisHitRow: Row = {
  name: 'analysis-hit',
  what: 'fingerprint of a 40-byte SELECT and its place in the cache',
  bounds: { floor: 3, goal: 1.5, unit: 'µs', better: 'lower' },
  measure({ options, say }) {
    const short = sampled(options.runs, () => timeHits(SHORT));
    const long = median(sampled(options.runs, () => timeHits(LONG)));
    const detail = `${options.runs} times ${HIT_CALLS} calls; a text of 1 KiB ${long.toFixed(2)} µs`;
    say(detail);
    return Promise.resolve({ value: median(short), samples: short, detail });
  },
};

const MISS_STATEMENTS = 2_000;

/** What a statement of a new shape costs before policy and catalog: both analyses and the session's rules. */
export const analysisMissRow: Row = {
  name: 'analysis-miss',
  what: 'a statement of a new shape: analysis, session rules and second parser, p50',
  bounds: { floor: 1_000, goal: 200, unit: 'µs', better: 'lower' },
  async measure({ options, say }) {
    const second = new SecondOpinion();
    try {
      const texts = newShapes(MISS_STATEMENTS);
      await timeMisses(texts.slice(0, MISS_STATEMENTS * WARM_UP_SHARE), second);
      const samples: number[] = [];
      const alone: number[] = [];
      for (let run = 0; run < options.runs; run += 1) {
        const times = await timeMisses(texts, second);
        samples.push(median(times.whole));
        alone.push(median(times.own));
      }
      const detail = `${texts.length} shapes; without the second parser ${median(alone).toFixed(1)} µs`;
      say(detail);
      return { value: median(samples), samples, detail };
    } finally {
      await second.close();
    }
  },
};

function sampled(runs: number, measure: () => number): readonly number[] {
  measure(); // the first one is compiled while it runs
  return Array.from({ length: runs }, measure);
}

/** Microseconds for one text. */
function timeHits(statement: string): number {
  const text = Buffer.from(statement);
  const known = new Map([[fingerprintOf(text, DIALECT), true]]);
  const startedMs = performance.now();
  let found = 0;
  for (let call = 0; call < HIT_CALLS; call += 1) if (known.get(fingerprintOf(text, DIALECT)) === true) found += 1;
  const elapsedMs = performance.now() - startedMs;
  if (found !== HIT_CALLS) throw new Error('A text has no fingerprint, or another one each time');
  return (elapsedMs * MICROSECONDS) / HIT_CALLS;
}

/** Microseconds for each text: our own work, and with the second parser. */
async function timeMisses(
  texts: readonly string[],
  second: SecondOpinion,
): Promise<{ readonly own: readonly number[]; readonly whole: readonly number[] }> {
  const own: number[] = [];
  const whole: number[] = [];
  for (const statement of texts) {
    const text = Buffer.from(statement);
    const startedMs = performance.now();
    fingerprintOf(text, DIALECT);
    sessionChange(text, DIALECT);
    analyse(text, DIALECT, DATABASE);
    own.push((performance.now() - startedMs) * MICROSECONDS);
    await second.ask(statement, DIALECT);
    whole.push((performance.now() - startedMs) * MICROSECONDS);
  }
  return { own, whole };
}

/** Different ones of 80 to 250 bytes. */
function newShapes(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const columns = Array.from({ length: 1 + (index % 7) }, (_one, column) => `c${index}_${column}`);
    return index % 2 === 0
      ? `SELECT ${columns.join(', ')}, COUNT(*) FROM t${index} JOIN u ON u.id = t${index}.id WHERE a = 1 AND b IN (2, 3) GROUP BY 1`
      : `UPDATE t${index} SET ${columns.map((column) => `${column} = 'x'`).join(', ')} WHERE id = 17 AND state <> 'open'`;
  });
}

function longSelect(bytes: number): string {
  let text = 'SELECT id FROM orders WHERE total > 10';
  for (let part = 0; text.length < bytes - 30; part += 1) text += ` AND column_${part % 10} <> 'value'`;
  return text.padEnd(bytes);
}
