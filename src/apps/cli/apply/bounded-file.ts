import { createReadStream } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { UsageFailure } from '../terminal/conventions.js';

/**
 * The text of a file that a document or a command line names: no more of it is read than it may have, whatever the file is,
 * such as a device that has no end. @throws UsageFailure for a larger one, the system's error where there is none
 */
export async function boundedText(
  path: string,
  { bytesMax, name }: { bytesMax: number; name: string },
): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of createReadStream(path, { end: bytesMax })) {
    const part = Buffer.from(chunk as Uint8Array);
    chunks.push(part);
    bytes += part.length;
  }
  if (bytes > bytesMax) throw new UsageFailure(`${name} is larger than ${bytesMax} bytes.`);
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * Where a file of a folder, or of one below it, really is: anyone who writes a document does not choose among all the files that
 * its reader has, also not by a symbolic link. @throws UsageFailure for one outside, the system's error where there is none
 */
export async function pathBelow(folder: string, name: string): Promise<string> {
  const [top, path] = await Promise.all([realpath(folder), realpath(resolve(folder, name))]);
  const way = relative(top, path);
  if (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)) return path;
  throw new UsageFailure(`${name} is not in the folder of its document: it has to be there, or below it.`);
}
