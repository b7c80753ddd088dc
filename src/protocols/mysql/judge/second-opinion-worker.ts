import { type MessagePort, parentPort } from 'node:worker_threads';
import { init, parse } from '@guanmingchiu/sqlparser-ts';
import { assert } from '../../../kernel/assert.js';
import { viewOf, type OpinionView } from '../sql/opinion/opinion-view.js';

/** What the thread says: first that it is ready, then one answer to each text, in order. */
export type OpinionAnswer = Said & {
  /** What the thread has had of the processor until now. */
  readonly processorMs: number;
};

type Said =
  | { readonly kind: 'ready' }
  | { readonly kind: 'view'; readonly view: OpinionView }
  | { readonly kind: 'unparsed' }
  /** The parser is broken from now on, and so is this thread. */
  | { readonly kind: 'trapped' };

// This file runs in a thread of its own: see `second-opinion.ts`.
const port = parentPort;
assert(port !== null, 'this file runs in a thread');
await init();
port.on('message', (text: string) => answer(port, answerTo(text)));
answer(port, { kind: 'ready' });

function answer(to: MessagePort, said: Said): void {
  const { user, system } = process.threadCpuUsage();
  to.postMessage({ ...said, processorMs: (user + system) / 1000 } satisfies OpinionAnswer, []);
}

function answerTo(text: string): Said {
  try {
    return { kind: 'view', view: viewOf(parse(text, 'mysql')) };
  } catch (error) {
    // The parser's own complaints begin like this; all else comes from WebAssembly or a stack that ran out.
    const isComplaint = error instanceof Error && error.message.startsWith('sql parser error:');
    return { kind: isComplaint ? 'unparsed' : 'trapped' };
  }
}
