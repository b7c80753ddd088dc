import type { Request } from 'express';
import { isForm } from './same-site.js';

/**
 * The bytes of a form as they came, up to so many. What is too large is not read to its end. Rejects when the connection
 * breaks before the end.
 */
export async function readFormBody(request: Request, bytesMax: number): Promise<Buffer | 'no form' | 'too large'> {
  if (!isForm(request)) return 'no form';
  if (Number(request.header('Content-Length') ?? 0) > bytesMax) return 'too large';
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes <= bytesMax) return;
      request.off('data', take).pause();
      resolve('too large');
    };
    request.on('data', take);
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
    request.once('close', () => reject(new Error('The connection ended within the form')));
  });
}
