import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SecondOpinion } from '../../src/protocols/mysql/judge/second-opinion.js';
import { dialectOf } from '../../src/protocols/mysql/sql/text/dialect.js';
import { findMysql97 } from '../support/mysql97.js';
import { type Flavour } from '../support/servers/database-server.js';
import { type DifferentialReport, compareParsers } from './corpus/differential.js';
import { corpusStatements, findCorpus } from './corpus/installed.js';
import { type KindReport, compareKinds } from './corpus/kind-report.js';
import { askServer } from './corpus/known-kinds.js';
import { OWN_SAMPLE } from './corpus/own-sample.js';

/** One script of so many, and one statement of so many of theirs; `npm run corpus` looks at all of them. */
const EVERY_SCRIPT = 10;
const EVERY_STATEMENT = 5;
const mysql97 = await findMysql97();
const flavours: readonly Flavour[] = mysql97.available ? ['mariadb', 'mysql'] : ['mariadb'];
const corpus = await findCorpus();
const installed = corpus.available ? await corpusStatements(corpus.folder, EVERY_SCRIPT) : [];
/** Less would say that something ordinary is not read any more. Our own statements are one of each kind. */
const SHARES_MIN = corpus.available ? { understood: 0.94, agreed: 0.93 } : { understood: 0.9, agreed: 0.75 };
const statements = [...OWN_SAMPLE, ...installed.filter((_, index) => index % EVERY_STATEMENT === 0)];
const second = new SecondOpinion({ parseMs: 20_000 });

afterAll(() => second.close());

describe.each(flavours)(`${statements.length} statements of a test suite, on %s`, (flavour) => {
  let kinds: KindReport;
  let parsers: DifferentialReport;

  beforeAll(async () => {
    const asked = await askServer(flavour, statements);
    if (asked === null) throw new Error(`There is no ${flavour} here.`);
    const dialect = dialectOf({ flavour, version: asked.version, sqlMode: '' });
    kinds = compareKinds(statements, asked.kinds, dialect);
    parsers = await compareParsers(statements, asked.kinds, dialect, second);
  });

  it('are mostly known to the server, so that it was asked', () => {
    expect(kinds.accepted).toBeGreaterThan(statements.length * 0.7);
  });

  it('are never milder for us than what the server takes them for', () => {
    expect(kinds.milder).toEqual([]);
  });

  it('are of the kind that the server says, where they are understood', () => {
    expect(kinds.misnamed).toEqual([]);
  });

  it('are understood, but for a few', () => {
    expect(kinds.understood / kinds.accepted).toBeGreaterThan(SHARES_MIN.understood);
  });

  it('have nothing for the second parser that our facts do not have', () => {
    expect(parsers.milder).toEqual([]);
    expect(parsers.agreed / parsers.asked).toBeGreaterThan(SHARES_MIN.agreed);
  });
});
