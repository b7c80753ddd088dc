import { expect, it } from 'vitest';
import { newGrantId, newTargetId } from '../../domain/ids.js';
import type { ProtocolValue } from '../../domain/protocol-value.js';
import type { ApprovalRepository } from '../../persistence/approvals/approval.repository.js';
import type { GrantRow } from '../../persistence/entities/grant.js';
import type { PolicyReader } from '../../persistence/policies/policy-reader.js';
import type { TargetRepository } from '../../persistence/targets/target.repository.js';
import type { KnownProtocols } from '../modules/known-protocols.js';
import { GrantDetails } from './grant-details.js';

/** Counts how often the policies are asked about a grant's statements. */
function countingDetails() {
  const state = { version: 'v1', revision: 1, flavour: 'echo', looks: 0 };
  const id = newTargetId();
  const policies = {
    outlook: ({ access }: { readonly access: readonly ProtocolValue[] }) => {
      state.looks += 1;
      return { words: `Look ${state.looks}.`, access, mayWait: false, holdSeconds: null };
    },
  };
  const reader = { read: () => Promise.resolve({ version: state.version }) };
  const targets = {
    findByName: (name: string) =>
      Promise.resolve({ id, name, labels: {}, revision: state.revision, report: { flavour: state.flavour } }),
  };
  const details = new GrantDetails(
    reader as unknown as PolicyReader,
    targets as unknown as TargetRepository,
    {} as unknown as ApprovalRepository,
    { find: () => ({ policies }) } as unknown as KnownProtocols,
  );
  return { details, state };
}

function grant(): GrantRow {
  const row: Partial<GrantRow> = {
    id: newGrantId(),
    targetName: 'house',
    protocol: 'echo',
    access: [],
    onHold: 'wait',
  };
  return row as GrantRow;
}

it('asks the policies once about a grant, and again when the policies or the target are others', async () => {
  const { details, state } = countingDetails();
  const [one, other] = [grant(), grant()];
  const first = await details.outlook(one);
  expect(await details.outlook(one)).toBe(first);
  expect([first?.words, state.looks]).toEqual(['Look 1.', 1]);
  for (const changed of [{ version: 'v2' }, { revision: 2 }, { flavour: 'other' }]) {
    Object.assign(state, changed);
    const before = state.looks;
    await details.outlook(one);
    await details.outlook(one);
    expect(state.looks).toBe(before + 1);
  }
  expect((await details.outlook(other))?.words).toBe('Look 5.');
});

it('keeps no more than a thousand outlooks', async () => {
  const { details, state } = countingDetails();
  const first = grant();
  await details.outlook(first);
  for (let count = 0; count < 1_000; count += 1) await details.outlook(grant());
  await details.outlook(first);
  expect(state.looks).toBe(1_002);
});
