// Runs in a browser's Web Worker: it says that it is there, and is then asked for one file after the other. All that it
// imports is in its own file, so that it goes on when the network is gone.
import type { ListedKey } from './signature.js';
import type { RecordingSource } from './source.js';
import type { Verdict } from './verdict.js';
import { verifyRecording, type Progress } from './verify.js';

/** What a page asks. */
export interface VerifierQuestion {
  readonly file: Blob;
  readonly keys?: readonly ListedKey[];
  readonly grant?: string;
}

/** What it is told: once that the worker is there; how far it is, several times; the verdict, or why there is none. */
export type VerifierAnswer =
  | { readonly ready: true }
  | { readonly progress: Progress }
  | { readonly verdict: Verdict }
  | { readonly failure: string };

/** Between two tellings of how far it is. */
const PROGRESS_MS = 100;

/** The worker's own scope, as much of it as is used here. */
interface WorkerScope {
  postMessage(message: VerifierAnswer, transferred: readonly []): void;
  addEventListener(type: 'message', listener: (event: { readonly data: VerifierQuestion }) => void): void;
}
declare const self: WorkerScope;

self.addEventListener('message', ({ data }) => void answer(data));
self.postMessage({ ready: true }, []);

async function answer({ file, ...options }: VerifierQuestion): Promise<void> {
  let toldMs = 0;
  const onProgress = (progress: Progress): void => {
    const nowMs = performance.now();
    if (nowMs - toldMs < PROGRESS_MS) return;
    toldMs = nowMs;
    self.postMessage({ progress }, []);
  };
  try {
    self.postMessage({ verdict: await verifyRecording(blobSource(file), { ...options, onProgress }) }, []);
  } catch (error) {
    self.postMessage({ failure: error instanceof Error ? error.message : String(error) }, []);
  }
}

function blobSource(file: Blob): RecordingSource {
  return {
    size: file.size,
    read: async (from, to) => new Uint8Array(await file.slice(from, to).arrayBuffer()),
  };
}
