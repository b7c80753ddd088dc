import type { VerifierAnswer, VerifierQuestion } from '../../../verifier/browser-worker.js';
// oxlint-disable-next-line import/default -- vite makes a file of the worker, and gives its address
import workerUrl from '../../../verifier/browser-worker.ts?worker&url';
import type { Verdict } from '../../../verifier/verdict.js';
import type { Progress } from '../../../verifier/verify.js';

export interface VerifyInWorkerOptions extends Omit<VerifierQuestion, 'file'> {
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the worker; its reason is thrown then. */
  readonly signal?: AbortSignal;
}

/** A worker that was started and has nothing to do. */
let idle: Worker | undefined;

/** Brings what verifying takes, so that nothing has to be loaded when it begins. Throws when it cannot be loaded. */
export async function prepareVerifier(): Promise<void> {
  if (idle !== undefined) return;
  const worker = startWorker();
  await answerOf(worker, (answer) => 'ready' in answer);
  idle ??= worker;
  if (idle !== worker) worker.terminate();
}

/**
 * Verifies a sealed recording in this browser, in a Web Worker, without the network once `prepareVerifier` is done. Throws
 * why there is no verdict: the file could not be read, or the browser lacks Ed25519.
 */
export async function verifyInWorker(
  file: Blob,
  { onProgress, signal, ...asked }: VerifyInWorkerOptions = {},
): Promise<Verdict> {
  signal?.throwIfAborted();
  const worker = idle ?? startWorker();
  idle = undefined;
  try {
    const answered = answerOf(
      worker,
      (answer) => {
        if ('progress' in answer) onProgress?.(answer.progress);
        return 'verdict' in answer || 'failure' in answer;
      },
      signal,
    );
    worker.postMessage({ file, ...asked } satisfies VerifierQuestion, []);
    const answer = await answered;
    if (!('verdict' in answer)) throw new Error('failure' in answer ? answer.failure : 'The verifier gave no verdict.');
    if (idle === undefined) idle = worker;
    return answer.verdict;
  } finally {
    if (idle !== worker) worker.terminate();
  }
}

/** The first answer that is the one; the others go by. */
function answerOf(
  worker: Worker,
  isWanted: (answer: VerifierAnswer) => boolean,
  signal?: AbortSignal,
): Promise<VerifierAnswer> {
  const listening = new AbortController();
  return new Promise<VerifierAnswer>((resolve, reject) => {
    const options = { signal: listening.signal };
    signal?.addEventListener('abort', () => reject(signal.reason), options);
    worker.addEventListener(
      'error',
      ({ message }) => reject(new Error(message || 'The verifier could not be loaded.')),
      options,
    );
    worker.addEventListener(
      'message',
      ({ data }: MessageEvent<VerifierAnswer>) => {
        if (isWanted(data)) resolve(data);
      },
      options,
    );
  }).finally(() => listening.abort());
}

function startWorker(): Worker {
  return new Worker(trustedUrl(), { type: 'module', name: 'verifier' });
}

/** As much of https://www.w3.org/TR/trusted-types/ as is used here; not every browser has it. */
interface ScriptPolicies {
  createPolicy(
    name: string,
    rules: { readonly createScriptURL: () => string },
  ): { createScriptURL(url: string): string };
}

let policy: ReturnType<ScriptPolicies['createPolicy']> | undefined;

/** The worker's address, as one that the page's Content-Security-Policy lets it start: this one, whatever is asked for. */
function trustedUrl(): string {
  const policies: ScriptPolicies | undefined = Reflect.get(globalThis, 'trustedTypes');
  if (policies === undefined) return workerUrl;
  policy ??= policies.createPolicy('doorwarden-verifier', { createScriptURL: () => workerUrl });
  return policy.createScriptURL(workerUrl);
}
