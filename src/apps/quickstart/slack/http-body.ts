import type { IncomingMessage } from 'node:http';

/** The whole body. @throws Error when it is longer */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part: Buffer = chunk;
    bytes += part.length;
    if (bytes > bytesMax) throw new Error(`A body has more than ${bytesMax} bytes`);
    chunks.push(part);
  }
  return Buffer.concat(chunks);
}
