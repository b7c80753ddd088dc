import { NoAnswer, Refusal } from '../../api/failure.js';

/** The sealed file of a grant's recording, into the memory of the page. `tell` hears how many hundredths are here. */
export async function fetchFile(grant: string, tell: (percent: number) => void, signal: AbortSignal): Promise<Blob> {
  const response = await fetch(fileAddress(grant), { credentials: 'same-origin', cache: 'no-store', signal }).catch(
    (cause: unknown) => {
      signal.throwIfAborted();
      throw new NoAnswer('nothing answers', { cause });
    },
  );
  if (!response.ok || response.body === null) throw await refusalOf(response);
  const size = Number(response.headers.get('content-length') ?? 0);
  let here = 0;
  let told = 0;
  const counted = response.body.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        here += chunk.byteLength;
        const percent = size === 0 ? 0 : Math.floor((here / size) * 100);
        if (percent !== told) tell((told = percent));
        controller.enqueue(chunk);
      },
    }),
  );
  return new Response(counted).blob();
}

export function fileAddress(grant: string): string {
  return `/v1/recordings/${grant}/file`;
}

/** SHA-256 of all bytes, in hex. */
export async function sha256Of(file: Blob): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function refusalOf(response: Response): Promise<Error> {
  const problem: unknown = await response.json().catch(() => undefined);
  const isProblem = typeof problem === 'object' && problem !== null && 'code' in problem && 'next' in problem;
  return isProblem ? new Refusal(problem as Refusal['problem']) : new NoAnswer('the answer is not the broker’s');
}
