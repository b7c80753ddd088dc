import { generateSealKey, jwkSigner } from '../../recording/seal/signer.js';
import { pack, unpack, type Members } from '../../recording/testing/recordings.js';
import { entriesOf, withEntries } from '../../recording/testing/sealed-members.js';

/** A sealed file that somebody has changed, and how. */
export interface Variant {
  readonly what: string;
  readonly bytes: Buffer;
  /** Compressed lines were changed: what happens to them depends on how strict the decoder is. */
  readonly inFrames?: boolean;
}

/** The file at this path, changed in many ways, none of which leaves it as it was sealed. */
export async function damagedVariants(path: string, original: Buffer): Promise<readonly Variant[]> {
  const members = await unpack(path);
  return [
    ...bitFlips(original, framesIn(original, members)),
    ...cuts(original),
    ...additions(original),
    ...ofMembers(members),
    ...(await ofLines(members)),
    ...(await ofSeal(members)),
  ];
}

/** Where the frames of the entries stand; nowhere in a container of format 1. */
function framesIn(original: Buffer, members: Members): { readonly from: number; readonly to: number } {
  const frames = members.get('entries.jsonl.zst');
  if (frames === undefined) return { from: 0, to: 0 };
  const from = original.indexOf(frames);
  return { from, to: from + frames.length };
}

function bitFlips(original: Buffer, frames: { readonly from: number; readonly to: number }): readonly Variant[] {
  const steps = 40;
  return Array.from({ length: steps }, (_, step) => {
    const at = Math.floor(((step + 0.5) * original.length) / steps);
    const bit = step % 8;
    const bytes = Buffer.from(original);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
    return { what: `bit ${bit} of byte ${at} flipped`, bytes, inFrames: at >= frames.from && at < frames.to };
  });
}

function cuts(original: Buffer): readonly Variant[] {
  const lengths = [0, 1, 511, 512, 700, original.length - 1024, original.length - 512, original.length - 1];
  return lengths.map((length) => ({ what: `cut to ${length} bytes`, bytes: original.subarray(0, length) }));
}

function additions(original: Buffer): readonly Variant[] {
  const after = [Buffer.alloc(1), Buffer.alloc(512), Buffer.from('more')];
  return [
    ...after.map((more) => ({ what: `${more.length} bytes after the end`, bytes: Buffer.concat([original, more]) })),
    { what: 'a block before the beginning', bytes: Buffer.concat([Buffer.alloc(512), original]) },
    { what: 'itself twice', bytes: Buffer.concat([original.subarray(0, -1024), original]) },
    ...headerChanges(original),
  ];
}

/** Of the first header: mode, owner, time, checksum, type, and what of the name nobody reads. */
function headerChanges(original: Buffer): readonly Variant[] {
  return [100, 108, 116, 130, 140, 150, 156, 157, 262, 265, 345, 20].map((at) => {
    const bytes = Buffer.from(original);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return { what: `byte ${at} of the first header changed`, bytes };
  });
}

function ofMembers(members: Members): readonly Variant[] {
  const names = [...members.keys()];
  const packed = (entries: readonly (readonly [string, Buffer])[]): Buffer => pack(new Map(entries));
  const all = [...members];
  return [
    ...names.map((name) => ({ what: `without ${name}`, bytes: packed(all.filter(([one]) => one !== name)) })),
    ...names.map((name) => ({
      what: `${name} is empty`,
      bytes: packed(all.map(([one, bytes]) => [one, one === name ? Buffer.alloc(0) : bytes])),
    })),
    ...names.map((name) => ({
      what: `${name} is longer`,
      bytes: packed(all.map(([one, bytes]) => [one, one === name ? Buffer.concat([bytes, Buffer.from('x')]) : bytes])),
    })),
    { what: 'members in reverse', bytes: packed(all.toReversed()) },
    { what: 'one more segment', bytes: packed([...all, ['segments/000009.zst', Buffer.from('x')]]) },
    { what: 'a damaged part', bytes: packed([...all, ['damaged/000001.bin', Buffer.from('x')]]) },
    { what: 'a strange member', bytes: packed([...all, ['notes.txt', Buffer.from('x')]]) },
  ];
}

async function ofLines(members: Members): Promise<readonly Variant[]> {
  const lines = (await entriesOf(members)).split('\n').slice(0, -1);
  const middle = Math.floor(lines.length / 2);
  const line = lines[middle] ?? '';
  const last = lines.at(-1) ?? '';
  const changes: readonly (readonly [string, readonly string[]])[] = [
    ['a line dropped', lines.toSpliced(middle, 1)],
    ['the first line dropped', lines.slice(1)],
    ['the last line dropped', lines.slice(0, -1)],
    ['half of the lines dropped', lines.slice(0, middle)],
    ['a line doubled', lines.toSpliced(middle, 0, line)],
    ['the last line doubled', [...lines, last]],
    ['two lines swapped', lines.with(middle, lines[middle + 1] ?? '').with(middle + 1, line)],
    ['lines reversed', lines.toReversed()],
    ['a time changed', lines.with(middle, line.replace(/"mono":(\d)/, '"mono":9$1'))],
    ['the last time changed', lines.with(lines.length - 1, last.replace(/"mono":(\d)/, '"mono":9$1'))],
    ['a prev changed', lines.with(middle, line.replace(/"prev":"../, '"prev":"zz'))],
    ['a line that is not JSON', lines.with(middle, line.slice(0, -1))],
    ['a type that is not known', lines.with(middle, line.replace(/"type":"\w+/, '"type":"unknown'))],
    ['a field more', lines.with(middle, line.replace(/}$/, ',"more":1}'))],
    ['a field less', lines.with(middle, line.replace(/"session":\d+,/, ''))],
    ['a seq changed', lines.with(middle, line.replace(/"seq":\d+/, '"seq":99999'))],
    ['a seq that is text', lines.with(middle, line.replace(/"seq":(\d+)/, '"seq":"$1"'))],
    ['a space more', lines.with(middle, line.replace(',', ', '))],
    ['an empty line', lines.toSpliced(middle, 0, '')],
    ['another text', lines.map((one) => one.replace('SELECT 1', 'SELECT 7'))],
    ['a changed line and the one after it dropped', lines.toSpliced(middle + 1, 1).with(middle, `${line} `)],
  ];
  const made: Variant[] = [];
  for (const [what, changed] of changes) {
    const text = changed.map((one) => `${one}\n`).join('');
    made.push({ what, bytes: pack(await withEntries(members, text)) });
  }
  const bytes = Buffer.from(lines.map((one) => `${one}\n`).join(''));
  bytes[bytes.length - 40] = 0xff;
  made.push({ what: 'a byte that is not UTF-8', bytes: pack(await withEntries(members, bytes)) });
  return made;
}

async function ofSeal(members: Members): Promise<readonly Variant[]> {
  const manifest = members.get('manifest.json') ?? Buffer.alloc(0);
  const jws = (members.get('manifest.jws') ?? Buffer.alloc(0)).toString('latin1');
  const [header = '', payload = '', signature = ''] = jws.split('.');
  const stranger = await jwkSigner(await generateSealKey());
  const changes: readonly (readonly [string, string])[] = [
    ['without its signature', `${header}.${payload}.`],
    ['padded', `${jws}=`],
    ['in two parts', `${header}.${payload}`],
    ['of another header', `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.${signature}`],
    ['of another payload', `${header}.${Buffer.from('{}').toString('base64url')}.${signature}`],
    ['by another key with the same manifest', await stranger.sign(manifest)],
    ['of another kind', await stranger.sign(manifest, 'doorwarden-checkpoint+jws')],
    ['all of zeros', `${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`],
  ];
  const sealed = changes.map(([what, text]) => ({
    what: `a seal ${what}`,
    bytes: pack(new Map(members).set('manifest.jws', Buffer.from(text))),
  }));
  const texts: readonly (readonly [string, string])[] = [
    ['in one line', JSON.stringify(JSON.parse(manifest.toString('utf8')))],
    ['without a field', manifest.toString('utf8').replace(/ {2}"tornBytes": \d+,\n/, '')],
    ['with another count', manifest.toString('utf8').replace(/"count": (\d+)/, '"count": 9$1')],
  ];
  const signed: Variant[] = [];
  for (const [what, text] of texts) {
    const bytes = Buffer.from(text);
    const other = new Map(members).set('manifest.json', bytes);
    signed.push({ what: `a manifest ${what}`, bytes: pack(other) });
    const again = pack(other.set('manifest.jws', Buffer.from(await stranger.sign(bytes))));
    signed.push({ what: `a manifest ${what}, signed by another key`, bytes: again });
  }
  return [...sealed, ...signed];
}
