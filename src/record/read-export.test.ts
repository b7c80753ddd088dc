import { assert, asyncProperty, dictionary, integer, jsonValue, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from '../../test/support/any-text.js';
import { generateSealKey } from '../recording/seal/signer.js';
import { readCheckpoint } from './checkpoint.js';
import { entryIn, lineOf, VALUE_BYTES_MAX } from './entry-line.js';
import { headerLine } from './export-file.js';
import { checkExport } from './read-export.js';
import { RECORD_START } from './record-check.js';
import { chainOf, checkpointOf, exportOf, factsOf, PUBLIC_KEY } from './testing.fixture.js';

const KEYS = [PUBLIC_KEY];

async function* chunks(lines: readonly string[]): AsyncGenerator<Buffer> {
  yield Buffer.from(lines.map((line) => `${line}\n`).join(''));
}

function check(lines: readonly string[], options: Parameters<typeof checkExport>[1] = { keys: KEYS }) {
  return checkExport(chunks(lines), options);
}

/** The export without its checkpoints, so that the chain alone has to tell. */
async function chainAlone(count: number): Promise<readonly string[]> {
  return (await exportOf(count)).filter((line) => !line.startsWith('{"checkpoint"'));
}

/** The place of an entry in lines that have no checkpoints. */
const at = (lines: readonly string[], entry: number): string => lines[entry] ?? '';

describe('an export', () => {
  it('holds, and says how far it is signed for', async () => {
    const report = await check(await exportOf(8));
    expect(report).toMatchObject({ ok: true, entries: 8, checkpoints: 3, unsigned: 0 });
    expect(report).toMatchObject({ last: { seq: 8 }, signed: { seq: 8, keyTrusted: true }, after: RECORD_START });
    expect(await check((await exportOf(8)).slice(0, -1))).toMatchObject({ ok: true, signed: { seq: 6 }, unsigned: 2 });
    expect(await check(await exportOf(0))).toMatchObject({ ok: true, entries: 0, last: null, signed: null });
    expect(await check(await exportOf(3), {})).toMatchObject({ ok: true, signed: { keyTrusted: null } });
  });

  it('does not hold with any byte of any line changed', async () => {
    const text = (await exportOf(4)).map((line) => `${line}\n`).join('');
    const bytes = Buffer.from(text);
    // A newline that is lost or added makes other lines, which are wrong too; the rest of the header is not the record's.
    const headerBytes = text.indexOf('\n');
    await assert(
      asyncProperty(
        integer({ min: headerBytes + 1, max: bytes.length - 1 }),
        integer({ min: 1, max: 255 }),
        async (place, change) => {
          const changed = Buffer.from(bytes);
          changed[place] = (changed[place] ?? 0) ^ change;
          const result = checkExport(
            (async function* () {
              yield changed;
            })(),
            { keys: KEYS },
          );
          const holds = await result.then(
            ({ ok }) => ok,
            () => false,
          );
          expect(holds).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each(['checkpoints', 'no checkpoints'])('names the entry that was changed, with %s', async (which) => {
    const lines = which === 'checkpoints' ? await exportOf(8) : await chainAlone(8);
    const changed = lines.map((line) => line.replace('"name":"principal-5","kind"', '"name":"principal-9","kind"'));
    expect(await check(changed)).toMatchObject({ ok: false, entries: 4, problem: { entry: 5 } });
  });

  it('names the entry that was dropped', async () => {
    const lines = await chainAlone(8);
    expect(await check(lines.toSpliced(4, 1))).toMatchObject({
      ok: false,
      entries: 3,
      problem: { entry: 4, what: 'Entry 4 is missing: entry 5 is in its place.' },
    });
  });

  it('names the entry that was added', async () => {
    const lines = await chainAlone(8);
    const added = lines.toSpliced(5, 0, at(lines, 4));
    expect(await check(added)).toMatchObject({ ok: false, problem: { entry: 4 } });
    const forged = lineOf(factsOf('forged'), {
      seq: 9,
      prev: chainOf([]).at(-1)?.hash ?? '0'.repeat(64),
      atMs: 0,
    }).line;
    expect(await check([...lines, forged])).toMatchObject({ ok: false, problem: { entry: 8 } });
  });

  it('names the first of entries that are out of order', async () => {
    const lines = await chainAlone(8);
    const swapped = lines.with(3, at(lines, 4)).with(4, at(lines, 3));
    expect(await check(swapped)).toMatchObject({ ok: false, entries: 2, problem: { entry: 3 } });
  });

  it('lacks its end: the header says so, or else a checkpoint, of the export or one that was kept', async () => {
    const lines = await exportOf(8);
    const entries = lines.filter((line) => line.startsWith('{"seq":'));
    const cut = entries.slice(0, 6);
    expect(await check([at(lines, 0), ...cut])).toMatchObject({ ok: false, problem: { entry: 7 } });
    const hash = chainOf(cut.map((_, index) => factsOf(`principal-${index + 1}`))).at(-1)?.hash ?? '';
    const header = headerLine({ after: RECORD_START, to: { seq: 6, hash } });
    expect(await check([header, ...cut, lines.at(-1) ?? ''])).toMatchObject({ ok: false, problem: { entry: 7 } });
    expect(await check([header, ...cut])).toMatchObject({ ok: true });
    const kept = await readCheckpoint(JSON.parse(lines.at(-1) ?? '').checkpoint, KEYS);
    if ('wrong' in kept) throw new Error(kept.wrong);
    expect(await check([header, ...cut], { keys: KEYS, kept: [kept] })).toMatchObject({
      ok: false,
      problem: { entry: 7, what: expect.stringContaining('entry 8 was signed for') },
    });
  });

  it('was written again from an entry on: a checkpoint tells, and nothing else can', async () => {
    const forged = chainOf([1, 2, 3, 4].map((number) => factsOf(number === 2 ? 'forged' : `principal-${number}`)));
    const header = headerLine({ after: RECORD_START, to: { seq: 4, hash: forged.at(-1)?.hash ?? '' } });
    const lines = forged.map(({ line }) => line);
    expect(await check([header, ...lines])).toMatchObject({ ok: true, signed: null, unsigned: 4 });
    const original = (await exportOf(4)).filter((line) => line.startsWith('{"checkpoint"'));
    expect(await check([header, ...lines.slice(0, 3), original[0] ?? '', lines[3] ?? ''])).toMatchObject({
      ok: false,
      problem: { entry: 3, what: expect.stringContaining('or one before it was changed') },
    });
  });

  it('has a checkpoint that the broker has not signed', async () => {
    const lines = await exportOf(3);
    const [entry] = chainOf([factsOf('principal-1')]);
    const stranger = await checkpointOf({ seq: 1, hash: entry?.hash ?? '' }, await generateSealKey());
    const forged = lines.toSpliced(2, 0, JSON.stringify({ checkpoint: stranger }));
    expect(await check(forged)).toMatchObject({
      ok: false,
      problem: { entry: 1, what: expect.stringContaining('unknown key') },
    });
    expect(await check(forged, {})).toMatchObject({ ok: true });
  });

  it.each([
    ['nothing', []],
    ['something else', ['{"seq":1}']],
    ['an export of a later format', ['{"export":"doorwarden administrative record","format":2}']],
  ])('is none: %s', async (_, lines) => {
    await expect(check(lines)).rejects.toThrow('does not begin as an export');
  });

  it('is not whole, or has a line that is longer than any', async () => {
    const text = (await exportOf(2)).join('\n');
    const read = (from: string) =>
      checkExport(
        (async function* () {
          yield Buffer.from(from);
        })(),
        {},
      );
    await expect(read(text)).rejects.toThrow('does not end');
    await expect(read(`${text}${' '.repeat(300_000)}`)).rejects.toThrow('longer than any line');
  });
});

describe('the line of an entry', () => {
  it('is read as it was written, whatever others have put into it', () => {
    assert(
      property(anyText, dictionary(string(), jsonValue({ maxDepth: 2 }), { maxKeys: 4 }), (text, value) => {
        const { ['__proto__']: _, ...after } = value;
        const { line } = lineOf(factsOf(text, { why: text, after }), { seq: 1, prev: '0'.repeat(64), atMs: 0 });
        expect(line).not.toContain('\n');
        expect(entryIn(line)).toMatchObject({
          seq: 1,
          why: text.length > 2000 ? expect.any(String) : text,
        });
      }),
    );
  });

  it('names a value that is too large by its digest', () => {
    const after = { text: 'x'.repeat(VALUE_BYTES_MAX) };
    const entry = entryIn(lineOf(factsOf('a', { after }), { seq: 1, prev: '0'.repeat(64), atMs: 0 }).line);
    expect(entry?.after).toEqual({
      cut: true,
      bytes: VALUE_BYTES_MAX + 11,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('has one form: no member twice, none in another place, none besides', () => {
    const { line } = lineOf(factsOf('a'), { seq: 1, prev: '0'.repeat(64), atMs: 0 });
    expect(entryIn(line)).toBeDefined();
    expect(entryIn(line.replace('{"seq":1,', '{"seq":1,"seq":1,'))).toBeUndefined();
    expect(entryIn(line.replace('"count":1}', '"count":1,"more":1}'))).toBeUndefined();
    expect(entryIn(line.replace('{"seq":1,', '{ "seq":1,'))).toBeUndefined();
    expect(entryIn(line.replace('"outcome":"done"', '"outcome":"maybe"'))).toBeUndefined();
  });
});
