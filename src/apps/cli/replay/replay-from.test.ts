import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { rounds } from '../../../../test/support/rounds.js';
import { recordedBy } from '../../../protocol/target-protocol.js';
import { replaySealed } from '../../../recording/replay/replay-sealed.js';
import { SealedFile } from '../../../recording/seal/sealed-file.js';
import { PROTOCOLS } from '../../protocols.js';
import { protocolOf } from './replay-envelopes.js';

const FIXTURES = join(import.meta.dirname, '..', '..', '..', '..', 'test', 'fixtures', 'recordings');
const GOLDEN = globSync('*.tar', { cwd: FIXTURES }).sort();

/** Each chosen entry with all that is told of it. */
async function told(sealed: SealedFile, from: number): Promise<readonly string[]> {
  const name = await protocolOf(sealed);
  const protocol = name === undefined ? undefined : recordedBy(PROTOCOLS).get(name);
  if (protocol?.replay === undefined) throw new Error(`Nobody tells recordings of ${name}`);
  const all: string[] = [];
  const teller = protocol.replay.teller({ rowsMax: 20 });
  for await (const replayed of replaySealed(sealed, { protocol, teller, from })) {
    const { entry, kind } = replayed;
    const lines = kind === 'note' ? [replayed.told.title('exact')] : replayed.told.lines('exact');
    all.push(JSON.stringify([entry, lines, kind === 'result' ? replayed.told.decoded : null]));
  }
  return all;
}

it('finds golden recordings', () => expect(GOLDEN).not.toEqual([]));

it.each(GOLDEN.map((name) => basename(name)))(
  'tells the same of every entry of %s, wherever it begins',
  { timeout: 60_000 },
  async (name) => {
    const sealed = await SealedFile.open(join(FIXTURES, name));
    if (!(sealed instanceof SealedFile)) throw new Error(sealed.problem.what);
    try {
      const whole = await told(sealed, 1);
      const step = Math.round(whole.length / rounds(whole.length));
      for (let from = 2; from <= whole.length; from += step) {
        expect(await told(sealed, from), `from ${from}`).toEqual(whole.slice(from - 1));
      }
    } finally {
      await sealed.close();
    }
  },
);
