import { parentPort } from 'node:worker_threads';
import { assert } from '../../kernel/assert.js';
import { hashJob, type HashJob, type HashKind } from './hash-job.js';

/** What the thread is asked: each question has one answer, in order. `part` and `room` are shared memory. */
export type HashQuestion =
  | { readonly job: number; readonly begin: HashKind }
  | { readonly job: number; readonly part: Uint8Array; readonly room?: Uint8Array }
  | { readonly job: number; readonly end: true };

/** Of an update, what it gives, in shared memory; of the end, the hash. */
export type HashAnswer = Uint8Array | string;

// This file runs in a thread of its own: see `hashing.ts`.
const port = parentPort;
assert(port !== null, 'this file runs in a thread');
const jobs = new Map<number, HashJob>();
port.on('message', (question: HashQuestion) => {
  port.postMessage(answer(question));
});

function answer(question: HashQuestion): HashAnswer {
  if ('begin' in question) {
    jobs.set(question.job, hashJob(question.begin));
    return '';
  }
  const job = jobs.get(question.job);
  assert(job !== undefined, 'a hash is begun before it goes on');
  if ('part' in question) {
    const given = job.update(bufferOf(question.part), question.room && bufferOf(question.room));
    return given.length === 0 ? '' : given;
  }
  jobs.delete(question.job);
  return job.end();
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
