import { createReadStream } from 'node:fs';
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
