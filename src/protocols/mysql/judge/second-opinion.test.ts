import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PLAIN_SQL_MODE, type SqlDialect } from '../sql/text/dialect.js';
import { SecondOpinion, type SecondOpinionLimits } from './second-opinion.js';

const MARIADB: SqlDialect = { flavour: 'mariadb', version: 101119, sqlMode: PLAIN_SQL_MODE };
/** As many operators in a row trap the parser for good. */
const TRAP = `SELECT ${Array.from({ length: 2000 }, () => '1').join(' + ')}`;

/** A busy machine is slow; only one test is about that. */
const PATIENT: Partial<SecondOpinionLimits> = { parseMs: 20_000, startMs: 20_000 };

let opened: SecondOpinion[] = [];

function open(limits: Partial<SecondOpinionLimits> = {}): SecondOpinion {
  const opinion = new SecondOpinion({ ...PATIENT, ...limits });
  opened.push(opinion);
  return opinion;
}

afterEach(async () => {
  await Promise.all(opened.map((opinion) => opinion.close()));
  opened = [];
});

/** Of its WebAssembly module. What a change of it takes is in docs/adr/0022-second-parser.md. */
const PARSER_SHA256 = 'e7e31afb9aee1a9fc059b6c20d9cac51ef01127b34e57f153dc4b199cef1afdf';

it('the parser is the one that was compared with ours and with real servers', () => {
  const entry = import.meta.resolve('@guanmingchiu/sqlparser-ts');
  const module = readFileSync(new URL('../wasm/sqlparser_rs_wasm_bg.wasm', entry));
  expect(createHash('sha256').update(module).digest('hex')).toBe(PARSER_SHA256);
});

describe('a second opinion', { timeout: 60_000 }, () => {
  /** For tests that leave it as it was: each one that is opened and asked starts a thread, or two. */
  let shared: SecondOpinion;

  beforeAll(() => {
    shared = new SecondOpinion(PATIENT);
  });

  afterAll(() => shared.close());

  it('says what another parser sees', async () => {
    expect(await shared.ask('DELETE FROM t WHERE a = 1', MARIADB)).toEqual({
      kind: 'view',
      view: {
        statements: 1,
        kind: 'delete',
        where: 'column',
        tables: expect.arrayContaining([{ database: null, table: 't', isWritten: true }]),
      },
    });
  });

  it('answers each of many in turn', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) => shared.ask(`SELECT a FROM t${n} WHERE a`, MARIADB)),
    );
    expect(answers.map((answer) => (answer.kind === 'view' ? answer.view.tables[0]?.table : answer.why))).toEqual(
      Array.from({ length: 100 }, (_, n) => `t${n}`),
    );
  });

  it('that came while this thread was busy counts, though its time was over before anybody looked', async () => {
    const opinion = open({ parseMs: 200 });
    await opinion.ask('SELECT 1', MARIADB);
    const answer = opinion.ask('SELECT a FROM t', MARIADB);
    await Promise.resolve();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700); // stands still, and leaves the processor to the parser
    expect(await answer).toMatchObject({ kind: 'view' });
  });

  it('is none for a text that does not parse, and there for the next one', async () => {
    expect(await shared.ask('HANDLER t READ FIRST', MARIADB)).toEqual({
      kind: 'none',
      why: 'the second cannot parse it',
    });
    expect(await shared.ask('SELECT 1', MARIADB)).toMatchObject({ kind: 'view' });
  });

  it.each([0, 100])('survives texts that break the parser for good, with a spare after %i texts', async (texts) => {
    const opinion = open({ textsBeforeSpare: texts });
    const answers = await Promise.all(
      [TRAP, 'SELECT 1', TRAP, TRAP, 'SELECT 2'].map((text) => opinion.ask(text, MARIADB)),
    );
    expect(answers.map(({ kind }) => kind)).toEqual(['none', 'view', 'none', 'none', 'view']);
    expect(answers[0]).toEqual({ kind: 'none', why: 'the second fails on it' });
  });

  it('ends a parser that takes too long, and goes on with the spare', async () => {
    const opinion = open({ textsBeforeSpare: 0, parseMs: 200, textLengthMax: 16_000_000 });
    const long = `INSERT INTO t VALUES ${Array.from({ length: 200_000 }, () => "(1, 2, 'abc')").join(', ')}`;
    expect(await opinion.ask(long, MARIADB)).toEqual({
      kind: 'none',
      why: 'too slow for the second',
      isPassing: true,
    });
    expect(await opinion.ask('SELECT 1', MARIADB)).toMatchObject({ kind: 'view' });
  });

  it('is none for texts over its length, and for more askers than may wait', async () => {
    const opinion = open({ waitingMax: 1, textLengthMax: 20 });
    expect(await opinion.ask('SELECT 1             ', MARIADB)).toEqual({
      kind: 'none',
      why: 'too long for the second',
    });
    const answers = await Promise.all(['SELECT 1', 'SELECT 2', 'SELECT 3'].map((text) => opinion.ask(text, MARIADB)));
    expect(answers.map(({ kind }) => kind)).toEqual(['view', 'view', 'none']);
  });

  it('takes a fresh thread after as many texts as one may parse', async () => {
    const opinion = open({ textsPerThread: 1 });
    for (const text of ['SELECT 1', 'SELECT 2', 'SELECT 3']) {
      // eslint-disable-next-line no-await-in-loop -- one after the other is what is tested
      expect(await opinion.ask(text, MARIADB)).toMatchObject({ kind: 'view' });
    }
  });

  it.each(['ansiQuotes', 'noBackslashEscapes', 'oracle'] as const)(
    'is none where %s makes a text mean what the parser does not know',
    async (mode) => {
      const dialect = { ...MARIADB, sqlMode: { ...PLAIN_SQL_MODE, [mode]: true } };
      expect(await shared.ask('SELECT "a" FROM t', dialect)).toMatchObject({ kind: 'none' });
    },
  );

  it('is none for anyone who waits when it is closed, and after', async () => {
    const opinion = open();
    const waiting = [opinion.ask('SELECT 1', MARIADB), opinion.ask('SELECT 2', MARIADB)];
    await opinion.close();
    expect((await Promise.all(waiting)).map(({ kind }) => kind)).toEqual(['none', 'none']);
    expect(await opinion.ask('SELECT 1', MARIADB)).toEqual({
      kind: 'none',
      why: 'the second is closed',
      isPassing: true,
    });
  });
});
