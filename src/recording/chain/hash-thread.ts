import { parentPort } from 'node:worker_threads';
import { assert } from '../../kernel/assert.js';
import { hashJob, type HashJob, type HashKind } from './hash-job.js';

/** What the thread is asked: each question has one answer, in order. `part` is shared memory. */
export type HashQuestion =
  | { readonly job: number; readonly begin: HashKind }
  | { readonly job: number; readonly part: Uint8Array }
  | { readonly job: number; readonly end: true };

// This file runs in a thread of its own: see `hashing.ts`.
const port = parentPort;
assert(port !== null, 'this file runs in a thread');
const jobs = new Map<number, HashJob>();
port.on('message', (question: HashQuestion) => {
  port.postMessage(answer(question));
});

function answer(question: HashQuestion): string {
  if ('begin' in question) {
    jobs.set(question.job, hashJob(question.begin));
    return '';
  }
  const job = jobs.get(question.job);
  assert(job !== undefined, 'a hash is begun before it goes on');
  if ('part' in question) {
    const { buffer, byteOffset, byteLength } = question.part;
    return job.update(Buffer.from(buffer, byteOffset, byteLength));
  }
  jobs.delete(question.job);
  return job.end();
}
