import { checkParseSchema } from '@cedar-policy/cedar-wasm/nodejs';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ECHO_VOCABULARY } from '../../test/support/echo/vocabulary.js';
import type { HoldTerms } from '../domain/approval.js';
import type { PolicyVerdict } from '../domain/verdict.js';
import { compilePolicies, type PolicySet } from '../policy/policy-set.js';
import { schemaOf } from '../policy/schema.js';
import { vocabulariesOf } from '../protocol/target-protocol.js';
import { analyse } from '../protocols/mysql/sql/analyse.js';
import { dialectOf } from '../protocols/mysql/sql/text/dialect.js';
import { grantCase, statementCase } from '../protocols/sql/policy/questions.js';
import { PRIVILEGES } from '../protocols/sql/privilege.js';
import { PLAIN_SQL_MODE } from '../protocols/mysql/sql/text/dialect.js';
import { PROTOCOLS } from './protocols.js';

/**
 * Policies that versions before this one took, with what they gave to operations then. They are never edited: an operator
 * who upgrades finds the same verdicts. A version adds a folder for each protocol when it says something new.
 */
const FOLDER = fileURLToPath(new URL('../../test/fixtures/policies/', import.meta.url));
const OF_MYSQL = globSync('*-mysql', { cwd: FOLDER });
const VERSIONS = { mariadb: '12.3.1-MariaDB', mysql: '9.7.0' };

const operationsSchema = z.object({
  subjects: z.record(
    z.string(),
    z.object({
      principal: z.object({ id: z.string(), name: z.string(), kind: z.string() }),
      target: z.object({
        name: z.string(),
        labels: z.record(z.string(), z.string()),
        flavour: z.enum(['mariadb', 'mysql']),
      }),
    }),
  ),
  statements: z.array(z.string()),
  requests: z.array(
    z.object({
      access: z.array(
        z.object({
          database: z.string(),
          tables: z.array(z.string()).optional(),
          privileges: z.array(z.enum(PRIVILEGES)),
        }),
      ),
      ttlSeconds: z.number(),
    }),
  ),
});

it('there are some', () => {
  expect(OF_MYSQL).not.toEqual([]);
});

describe.each(OF_MYSQL)('the policies of %s', (name) => {
  const folder = `${FOLDER}${name}/`;
  const texts = globSync('*.cedar', { cwd: folder }).sort();
  const operations = operationsSchema.parse(JSON.parse(readFileSync(`${folder}operations.json`, 'utf8')));

  it.each(texts)('%s gives the verdicts that it gave', async (text) => {
    const policies = policiesIn(folder + text, vocabulariesOf(PROTOCOLS));
    await expect(verdictsOf(policies, operations)).toMatchFileSnapshot(`${folder}${text}.verdicts`);
  });

  it.each(texts)('%s gives them also where one more protocol is known', async (text) => {
    const policies = policiesIn(folder + text, [...vocabulariesOf(PROTOCOLS), ECHO_VOCABULARY]);
    await expect(verdictsOf(policies, operations)).toMatchFileSnapshot(`${folder}${text}.verdicts`);
  });
});

function policiesIn(file: string, vocabularies: Parameters<typeof compilePolicies>[1]): PolicySet {
  return compilePolicies([{ name: 'p', text: readFileSync(file, 'utf8') }], vocabularies);
}

/** One line for each operation of each subject: its verdict, the policies that led to it, and on what terms; words are not held. */
function verdictsOf(policies: PolicySet, operations: z.infer<typeof operationsSchema>): string {
  const lines = Object.entries(operations.subjects).flatMap(([who, subject]) => [
    `# ${who}`,
    ...operations.statements.flatMap((statement) => {
      const version = VERSIONS[subject.target.flavour];
      const dialect = dialectOf({ flavour: subject.target.flavour, version, sqlMode: PLAIN_SQL_MODE });
      return [false, true].map((inTransaction) => {
        const { facts } = analyse(Buffer.from(statement), dialect, 'app');
        const verdict = policies.judge(statementCase({ ...subject, facts, database: 'app', inTransaction }));
        return lineOf(`${statement}${inTransaction ? ' (in a transaction)' : ''}`, verdict);
      });
    }),
    ...operations.requests.map(({ access, ttlSeconds }) => {
      const rules = access.map(({ database, tables, privileges }) =>
        tables === undefined ? { database, privileges } : { database, tables, privileges },
      );
      const verdict = policies.judge(grantCase({ ...subject, access: rules, ttlSeconds }));
      return lineOf(`${JSON.stringify(access)} for ${ttlSeconds} s`, verdict);
    }),
  ]);
  return `${lines.join('\n')}\n`;
}

function lineOf(operation: string, { verdict, policies, hold, transactionHoldSeconds }: PolicyVerdict): string {
  const terms = hold === null ? [] : [JSON.stringify(termsOf(hold))];
  const patience = transactionHoldSeconds === undefined ? [] : [`${transactionHoldSeconds} s in a transaction`];
  return `${operation}\n    ${[verdict, policies.join(' '), ...terms, ...patience].join(' | ')}`;
}

/** Terms that ask for no sign-in and name no channel, as versions that knew none had them. */
function termsOf({ decideIn, reauthenticateSeconds, slackChannels, ...terms }: HoldTerms): object {
  const isOfSignIn = decideIn !== 'anywhere' || reauthenticateSeconds !== null;
  const signIn = isOfSignIn ? { decideIn, reauthenticateSeconds } : {};
  return { ...terms, ...signIn, ...(slackChannels.length === 0 ? {} : { slackChannels }) };
}

it('the vocabularies of all protocols make one schema', () => {
  const vocabularies = vocabulariesOf(PROTOCOLS);
  for (const listed of [vocabularies, [...vocabularies, ECHO_VOCABULARY]]) {
    expect(checkParseSchema(schemaOf(listed))).toEqual({ type: 'success' });
  }
  expect(() => schemaOf([...vocabularies, ...vocabularies])).toThrow(/Two vocabularies of policies have/);
});
