import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { assert } from '../../kernel/assert.js';
import { decodeManifest, type Manifest } from '../../recording/manifest.js';
import { SealedFile } from '../../recording/sealed-file.js';

/** What a sealed file that verified says about itself, and its digest. */
export async function readSealedFacts(path: string): Promise<{ readonly manifest: Manifest; readonly sha256: string }> {
  const digest = createHash('sha256');
  await pipeline(createReadStream(path), digest);
  return { manifest: await readManifest(path), sha256: digest.digest('hex') };
}

async function readManifest(path: string): Promise<Manifest> {
  const sealed = await SealedFile.open(path);
  assert(sealed instanceof SealedFile, 'a sealed file that verified is an archive');
  try {
    const manifest = decodeManifest(await sealed.read(sealed.manifest));
    assert(!('wrong' in manifest), 'a sealed file that verified has a manifest');
    return manifest;
  } finally {
    await sealed.close();
  }
}
