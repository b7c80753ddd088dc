import type { FileHandle } from 'node:fs/promises';
import { decodeManifest, type Manifest } from './manifest.js';
import type { Problem } from '../verify/problem.js';
import { SealedFile } from './sealed-file.js';

/** What a sealed file says of itself; nothing else about it is checked. */
export async function readManifest(
  file: FileHandle,
): Promise<{ readonly manifest: Manifest } | { readonly problem: Problem }> {
  const sealed = await SealedFile.in(file);
  if (!(sealed instanceof SealedFile)) return sealed;
  const manifest = decodeManifest(await sealed.read(sealed.manifest));
  return 'wrong' in manifest ? { problem: { where: 'manifest', what: manifest.wrong } } : { manifest };
}
