import type { z } from 'zod';
import { expect, it } from 'vitest';
import { apiSchema } from './api.js';
import { gatewaySchema } from './gateway.js';
import { metaOf } from './load.js';
import { migrateSchema } from './migrate.js';
import { defaultOf } from './settings.js';
import { workerSchema } from './worker.js';

const PROCESSES = { api: apiSchema, gateway: gatewaySchema, worker: workerSchema, migrate: migrateSchema };

it('.env.example names every variable of every process, with its default (write it again with `vitest -u`)', async () => {
  await expect(example()).toMatchFileSnapshot('../../.env.example');
});

function example(): string {
  const variables = new Map<string, { schema: z.ZodType; processes: string[] }>();
  for (const [process, { shape }] of Object.entries(PROCESSES)) {
    for (const [name, schema] of Object.entries(shape)) {
      const known = variables.get(name) ?? { schema, processes: [] };
      variables.set(name, { ...known, processes: [...known.processes, process] });
    }
  }
  const blocks = [...variables].map(([name, { schema, processes }]) => block(name, schema, processes));
  return [INTRODUCTION, ...blocks].join('\n');
}

const INTRODUCTION = `# Every setting of every process, with its default. A line that is not commented out has none and must be set.
# A secret may come as a file instead: NAME_FILE=/path/of/the/file in place of NAME.
`;

function block(name: string, schema: z.ZodType, processes: readonly string[]): string {
  const { about, secret, otherwise } = metaOf(name, schema);
  const isNeeded = !schema.safeParse(undefined).success;
  const byDefault = defaultOf(schema);
  const notes = [
    processes.length === Object.keys(PROCESSES).length ? 'All processes' : processes.join(', '),
    ...(secret === true ? ['secret'] : []),
    ...(isNeeded ? ['required'] : []),
    ...(otherwise === undefined ? [] : [`default: ${otherwise}`]),
  ];
  return `# ${about}\n# (${notes.join('; ')})\n${isNeeded ? '' : '#'}${name}=${byDefault}\n`;
}
