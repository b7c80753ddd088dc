import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runReplay } from './replay/replay-work.js';
import { runVerify } from './verify-work.js';

/**
 * Recordings that versions before this one have sealed, with what verifying and replaying gave then. They are never edited:
 * a version adds one for each protocol when its format changes, made by `npm run quickstart -- --once`.
 */
const FOLDER = fileURLToPath(new URL('../../../test/fixtures/recordings/', import.meta.url));
const SEALED = globSync('*.tar', { cwd: FOLDER });

it('there is one', () => {
  expect(SEALED).not.toEqual([]);
});

describe.each(SEALED)('the sealed file %s', (name) => {
  const file = FOLDER + name;
  const kept = (what: string): string => `${FOLDER}${basename(name, '.tar')}.${what}`;

  it('verifies as it did', async () => {
    let told = '';
    const output = { out: (text: string) => void (told += text), err: () => undefined, errIsTerminal: false };
    expect(await runVerify(file, { json: true }, output)).toBe(0);
    await expect(told).toMatchFileSnapshot(kept('verify.json'));
  });

  it.each(['text', 'entries', 'json', 'sql'])('replays as it did: %s', async (format) => {
    let told = '';
    const out = async (text: string): Promise<void> => void (told += text);
    expect(await runReplay(file, { format, rows: 20, pace: 'none' }, { out, err: () => undefined })).toBe(0);
    await expect(told).toMatchFileSnapshot(kept(`replay.${format}`));
  });

  it('is summed up as it was', async () => {
    let told = '';
    const out = async (text: string): Promise<void> => void (told += text);
    const options = { format: 'text', rows: 20, pace: 'none', summary: true };
    expect(await runReplay(file, options, { out, err: () => undefined })).toBe(0);
    await expect(told).toMatchFileSnapshot(kept('replay.summary'));
  });
});
