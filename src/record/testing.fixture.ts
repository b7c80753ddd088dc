import type { JWK } from 'jose';
import { jwkSigner } from '../recording/seal/signer.js';
import { signCheckpoint } from './checkpoint.js';
import type { EntryFacts } from './entry.js';
import { lineOf } from './entry-line.js';
import { headerLine } from './export-file.js';
import { type ChainPosition, RECORD_START } from './record-check.js';

/** A private key that only tests use, made of the example of RFC 8037, appendix A. */
export const EXAMPLE_KEY: JWK = {
  kty: 'OKP',
  crv: 'Ed25519',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
};
export const PUBLIC_KEY = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' } as const;

const BEGAN_MS = Date.UTC(2026, 10, 29, 12);

export function factsOf(name: string, change: Partial<EntryFacts> = {}): EntryFacts {
  return {
    act: 'principal.made',
    who: {
      principal: '01m7ytqk0d1tjdzp6t2y8z3gn8',
      name: 'alex',
      person: null,
      sponsor: null,
      signIn: 'api-key:abcd2345',
    },
    from: '192.0.2.7',
    request: 'r-1',
    subject: { kind: 'principal', name },
    before: null,
    after: { name, kind: 'user', roles: ['reviewer'] },
    why: null,
    outcome: 'done',
    code: null,
    count: 1,
    ...change,
  };
}

/** Lines of one chain, one second apart. */
export function chainOf(all: readonly EntryFacts[]): readonly { readonly line: string; readonly hash: string }[] {
  let prev = RECORD_START.hash;
  return all.map((facts, index) => {
    const written = lineOf(facts, { seq: index + 1, prev, atMs: BEGAN_MS + index * 1000 });
    prev = written.hash;
    return written;
  });
}

/** The checkpoint of an entry, signed a second after it. */
export async function checkpointOf({ seq, hash }: ChainPosition, key: JWK = EXAMPLE_KEY): Promise<string> {
  return signCheckpoint(await jwkSigner(key), { seq, hash, at: new Date(BEGAN_MS + seq * 1000).toISOString() });
}

/** The lines of an export of so many entries, with a checkpoint after each third one and after the last. */
export async function exportOf(count: number): Promise<readonly string[]> {
  const chain = chainOf(Array.from({ length: count }, (_, index) => factsOf(`principal-${index + 1}`)));
  const last = chain.at(-1);
  const to = last === undefined ? RECORD_START : { seq: count, hash: last.hash };
  const lines = [headerLine({ after: RECORD_START, to })];
  for (const [index, { line, hash }] of chain.entries()) {
    lines.push(line);
    const seq = index + 1;
    if (seq % 3 === 0 || seq === count) lines.push(JSON.stringify({ checkpoint: await checkpointOf({ seq, hash }) }));
  }
  return lines;
}
