import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newPrincipalId } from '../../src/domain/ids.js';
import { BrokerError } from '../../src/kernel/errors.js';
import { AdminRecordRepository } from '../../src/persistence/record/admin-record.repository.js';
import { PrincipalRepository } from '../../src/persistence/identity/principal.repository.js';
import { createStateSource, migrate, type StateSource } from '../../src/persistence/state/data-source.js';
import { CHAIN_START } from '../../src/recording/chain/chain.js';
import type { EntryFacts } from '../../src/record/entry.js';
import { makeDatabase, type OwnDatabase } from '../support/databases.js';
import { engines } from '../support/engines.js';

const NOTHING = { from: null, request: null, before: null, after: null, why: null, code: null } as const;

function facts(name: string): EntryFacts {
  const who = { principal: null, name: 'alex', person: null, sponsor: null, signIn: 'command-line' };
  return { ...NOTHING, act: 'principal.made', who, subject: { kind: 'principal', name }, outcome: 'done', count: 1 };
}

describe.each(engines())('the administrative record on $flavour $version', (engine) => {
  let database: OwnDatabase;
  let sources: readonly StateSource[];

  beforeAll(async () => {
    database = await makeDatabase(engine);
    sources = await Promise.all([1, 2].map(() => createStateSource(database.url).initialize()));
    const [source] = sources;
    if (source !== undefined) await migrate(source, []);
  });
  afterAll(async () => {
    await Promise.all((sources ?? []).map((source) => source.destroy()));
    await database?.drop();
  });

  function source(): StateSource {
    const [first] = sources;
    if (first === undefined) throw new Error('There is no state database.');
    return first;
  }

  function lines(): Promise<readonly { readonly seq: number; readonly line: string; readonly hash: string }[]> {
    return source().query('SELECT CAST(seq AS DOUBLE) AS seq, line, hash FROM record_entries ORDER BY seq');
  }

  it('keeps one chain while two processes write at once', async () => {
    const writers = sources.map((one) => new AdminRecordRepository(one));
    // Four at a time: no call waits longer for the state database than it may, however slow the machine is.
    const lanes = writers.flatMap((writer, process) => [1, 2].map((lane) => ({ writer, name: `${process}-${lane}` })));
    await Promise.all(
      lanes.map(async ({ writer, name }) => {
        for (let turn = 0; turn < 15; turn += 1) await writer.append(facts(`principal-${name}-${turn}`));
      }),
    );
    const rows = await lines();
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    const hashes = [CHAIN_START, ...rows.map(({ hash }) => hash)];
    expect(rows.map(({ line }) => JSON.parse(line).prev)).toEqual(hashes.slice(0, -1));
    expect(new Set(rows.map(({ line }) => JSON.parse(line).subject.name)).size).toBe(60);
  });

  it('has no entry of an act that failed, and there is no act without its entry', async () => {
    const before = (await lines()).length;
    const record = new AdminRecordRepository(source());
    const make = (name: string, fault: string | undefined) =>
      record.together(async (at) => {
        const row = { id: newPrincipalId(), name, kind: 'user', roles: ['reviewer'], groups: [] } as const;
        await at.of(PrincipalRepository).insert({ ...row, createdAtMs: 1, disabledAtMs: null });
        if (fault !== undefined) throw new BrokerError('principal_exists', { detail: fault });
        return { result: name, entry: facts(name) };
      });
    await expect(make('failed', 'a fault')).rejects.toThrow(BrokerError);
    expect(await make('made', undefined)).toBe('made');
    await expect(make('made', undefined)).rejects.toMatchObject({ code: 'principal_exists' });
    expect((await lines()).length).toBe(before + 1);
    expect(await new PrincipalRepository(source()).findByName('failed')).toBeUndefined();

    await source().query('DELETE FROM record_head');
    await expect(make('unrecorded', undefined)).rejects.toMatchObject({ code: 'record_unavailable' });
    expect(await new PrincipalRepository(source()).findByName('unrecorded')).toBeUndefined();
  });
});
