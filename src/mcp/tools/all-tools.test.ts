import { expect, it } from 'vitest';
import { z } from 'zod';
import { connectDoorwarden } from '../../client/doorwarden-client.js';
import { BrokerError } from '../../kernel/errors.js';
import type { AccessWords } from '../../protocol/access-words.js';
import type { RunnerWords } from '../../protocol/statement-runner.js';
import { ECHO_ACCESS_WORDS, ECHO_CLIENT, ECHO_WORDS } from '../../../test/support/echo/client-words.js';
import type { McpParts } from '../mcp-parts.js';
import { toolsOf } from './all-tools.js';

const refused = () => Promise.reject(new BrokerError('connection_not_ready'));
const RUNNER_WORDS: RunnerWords = {
  of: ECHO_WORDS,
  text: 'A line.',
  values: 'For a line.',
  session: 'Each is alone.',
  catalog: 'rooms',
  table: 'A room.',
};
const HTTP: McpParts = {
  broker: connectDoorwarden({ api: 'http://127.0.0.1:1', credential: '' }),
  version: '0',
  keeper: { take: refused, connectionOf: refused, forget: () => Promise.resolve() },
  statements: { knows: () => true, words: [RUNNER_WORDS], run: refused, describe: refused },
  protocols: [ECHO_CLIENT],
  runsStatements: true,
  pageOf: () => null,
};
const STDIO: McpParts = { ...HTTP, runsStatements: false, writer: { write: refused } };

/** What no tool of an agent may do, by the words that would name it. */
const BANNED =
  /approve|deny|decide|decision|override|revoke|withdraw|polic|principal|_key|key_|api_key|mapping|record|replay|preview|slack|webhook|setting|provider|session|login|gateway|drain|create|delete|update|register/;
/** Arguments that would name a principal, or speak for one. */
const BANNED_ARGUMENTS =
  /principal|user|role|group|sponsor|approver|as_?user|on_?behalf|token|password|secret|scope|decision/i;

const namesOf = (parts: McpParts) => toolsOf(parts).map(({ name }) => name);
const everyTool = [...toolsOf(HTTP), ...toolsOf(STDIO)];

it('the tools are these, and no other', () => {
  const common = ['list_targets', 'request_access', 'wait_for_access', 'get_connection', 'describe'];
  expect(namesOf(STDIO)).toEqual([...common, 'explain_refusal', 'close_access']);
  expect(namesOf(HTTP)).toEqual([...common, 'run_statement', 'wait_for_statement', 'explain_refusal', 'close_access']);
  expect(namesOf({ ...STDIO, runsStatements: true })).toEqual(namesOf(HTTP));
});

it.each(everyTool.map((tool) => [tool.name, tool] as const))(
  '%s decides, administers and reads no evidence',
  (_, tool) => {
    expect(tool.name).not.toMatch(BANNED);
    const properties = propertiesIn(z.toJSONSchema(tool.input));
    for (const name of properties) expect(name).not.toMatch(BANNED_ARGUMENTS);
  },
);

it.each(everyTool.map((tool) => [tool.name, tool] as const))(
  '%s takes no argument that does not exist, and says what each is',
  (_, tool) => {
    const schema = objectSchema.parse(z.toJSONSchema(tool.input));
    expect(schema.additionalProperties).toBe(false);
    for (const [name, { description }] of Object.entries(schema.properties)) expect(description, name).toMatch(/\w/);
    expect(tool.annotations).toMatchObject({ readOnlyHint: expect.any(Boolean), openWorldHint: false });
  },
);

it('access is asked for in the words of each protocol that this build knows', () => {
  const toldOf = (words: readonly AccessWords[]) => {
    const protocols = words.map((access) => ({ ...ECHO_CLIENT, access }));
    const tool = toolsOf({ ...STDIO, protocols }).find(({ name }) => name === 'request_access');
    return objectSchema.parse(z.toJSONSchema(tool?.input ?? z.never())).properties['access']?.description;
  };
  expect(toldOf([ECHO_ACCESS_WORDS])).toBe(
    'What you need, as little as the task takes. For echo: {"room": "hall", "verbs": ["SAY"]}. Absent: nothing is given.',
  );
  const shelves = { ...ECHO_ACCESS_WORDS, told: 'For a library: {"shelf": 7}.' };
  expect(toldOf([ECHO_ACCESS_WORDS, shelves, shelves])).toMatch(/"room".*"shelf"[^"]*$/);
});

it('files are offered where there is a writer, and have to be asked for by another name elsewhere', () => {
  const formsOf = (parts: McpParts) => {
    const tool = toolsOf(parts).find(({ name }) => name === 'get_connection');
    const schema = objectSchema.parse(z.toJSONSchema(tool?.input ?? z.never()));
    return { forms: schema.properties['as']?.enum, isRequired: schema.required?.includes('as') };
  };
  expect(formsOf(STDIO)).toMatchObject({ forms: ['file', 'env', 'dsn'] });
  expect(formsOf(HTTP)).toEqual({ forms: ['env', 'dsn'], isRequired: true });
});

const objectSchema = z.looseObject({
  additionalProperties: z.boolean(),
  required: z.array(z.string()).optional(),
  properties: z.record(
    z.string(),
    z.looseObject({ description: z.string().optional(), enum: z.array(z.string()).optional() }),
  ),
});

/** The names of all properties, of objects in objects too. */
function propertiesIn(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own = Object.entries(schema).flatMap(([name, value]) =>
    name === 'properties' && typeof value === 'object' && value !== null ? Object.keys(value) : [],
  );
  return [...own, ...Object.values(schema).flatMap(propertiesIn)];
}
