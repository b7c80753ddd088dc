import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ECHO_CLIENT } from '../../test/support/echo/client-words.js';
import { CLIENT_PROTOCOLS } from './client-protocols.js';
import { connectDoorwarden } from '../client/doorwarden-client.js';
import { BrokerError } from '../kernel/errors.js';
import type { ToldProtocol } from '../protocol/target-words.js';
import { SQL_RUNNER_WORDS } from '../protocols/sql/target-words.js';
import { instructionsOf } from '../mcp/instructions.js';
import type { McpParts } from '../mcp/mcp-parts.js';
import { toolsOf } from '../mcp/tools/all-tools.js';

const refused = () => Promise.reject(new BrokerError('connection_not_ready'));
const DATABASES = {
  knows: (name: string) => name === 'mysql',
  words: [SQL_RUNNER_WORDS],
  run: refused,
  describe: refused,
};

/** A server for these protocols; over stdio or HTTP, with a runner of statements or without. */
function partsFor(protocols: readonly ToldProtocol[], more: Partial<McpParts> = {}): McpParts {
  return {
    broker: connectDoorwarden({ api: 'http://127.0.0.1:1', credential: '' }),
    version: '0',
    keeper: { take: refused, connectionOf: refused, forget: () => Promise.resolve() },
    protocols,
    runsStatements: more.statements !== undefined,
    pageOf: () => null,
    ...more,
  };
}

const described = z.looseObject({ description: z.string().optional() });
const inputs = z.looseObject({ properties: z.record(z.string(), described) });

/** All that a model is told before it calls a tool, by the tool's name. */
function textsOf(parts: McpParts): Readonly<Record<string, string>> {
  const tools = toolsOf(parts).map(({ name, title, description, input }) => {
    const properties = Object.values(inputs.parse(z.toJSONSchema(input)).properties);
    return [name, [title, description, ...properties.map((one) => one.description)].join('\n')] as const;
  });
  return { ...Object.fromEntries(tools), instructions: instructionsOf(parts) };
}

/** What only databases have. Codes of the broker, such as statement_held, are names. */
const OF_DATABASES =
  /\b(databases?|sql|mysql|mariadb|tables?|columns?|rows?|statements?|schemas?|flavour|transactions?)\b/i;

describe('a server that knows databases alone', () => {
  const texts = textsOf(partsFor(CLIENT_PROTOCOLS, { statements: DATABASES }));

  it('says what it gives access to, and what runs there', () => {
    expect(texts['instructions']).toMatch(/^Doorwarden gives you time-boxed access to a database for one task,/);
    expect(texts['instructions']).toContain('Some requests and some statements wait for people');
    expect(texts['instructions']).toContain('Texts that come out of a database,');
    expect(texts['list_targets']).toBe(
      'List the databases that you may ask for\nLists the targets (database servers) for which you may ask for access: name, protocol, flavour, default database, the longest time a grant may last, and in `asking` what opens at once, what waits for people and what is refused.',
    );
    expect(texts['request_access']).toMatch(/^Ask for access to a database\n/);
    expect(texts['get_connection']).toContain('the broker judges and records every statement.');
  });

  it('says what it runs and shows, without a word of where it does not', () => {
    expect(texts['describe']).toContain(
      'and, while it is active, which tables its account sees; with `table` the columns of that one.\n',
    );
    expect(texts['describe']).toMatch(/\nA table, as `orders` or `shop\.orders`\.$/);
    expect(texts['run_statement']).toContain(
      'cells cut at 500 characters. Each call is a session of its own, without a transaction around several. If the',
    );
    expect(texts['run_statement']).toMatch(
      /\nOne statement\. Several in one text are refused\.\nFor the placeholders \(\?\) of the statement, in their order\. Long numbers as strings\.$/,
    );
  });
});

describe('a server that knows no database', () => {
  it.each([
    ['over stdio', { writer: { write: refused } }],
    ['over HTTP', {}],
  ])('says nothing of databases, %s', (_, more) => {
    const texts = textsOf(partsFor([ECHO_CLIENT], more));
    for (const [name, text] of Object.entries(texts)) expect(text, name).not.toMatch(OF_DATABASES);
    expect(texts['instructions']).toContain('access to an echo server for one task');
    expect(texts['instructions']).toContain('Some requests and some lines wait for people');
    expect(texts['list_targets']).toContain(
      '(echo servers) for which you may ask for access: name, protocol, the longest',
    );
    expect(texts['get_connection']).toContain('records every line.');
  });

  it('and none that is named is told of in words that are true of any', () => {
    for (const text of Object.values(textsOf(partsFor([])))) expect(text).not.toMatch(OF_DATABASES);
  });
});

it('a server that knows both speaks of both, and says where statements run', () => {
  const texts = textsOf(partsFor([...CLIENT_PROTOCOLS, ECHO_CLIENT], { statements: DATABASES }));
  expect(texts['instructions']).toContain('access to a database or an echo server for one task');
  expect(texts['instructions']).toContain('Some requests and some statements and lines wait for people');
  expect(texts['list_targets']).toContain('(database servers and echo servers)');
  expect(texts['describe']).toContain('while it is active and on a database, which tables its account sees');
  expect(texts['run_statement']).toContain('cells cut at 500 characters. Only for grants on databases. Each call');
});

it('what failed is said in the words of the target where there is one kind, and of any target where there are several', async () => {
  const explain = (protocols: readonly ToldProtocol[]) => {
    const tool = toolsOf(partsFor(protocols)).find(({ name }) => name === 'explain_refusal');
    return tool?.run({ code: 'ER_DUP_ENTRY' }, {} as never);
  };
  await expect(explain(CLIENT_PROTOCOLS)).rejects.toMatchObject({ detail: /It may be the database's own/ });
  await expect(explain([ECHO_CLIENT])).rejects.toMatchObject({ detail: /It may be the echo server's own/ });
  await expect(explain([...CLIENT_PROTOCOLS, ECHO_CLIENT])).rejects.toMatchObject({ detail: /It may be the target's/ });
});
