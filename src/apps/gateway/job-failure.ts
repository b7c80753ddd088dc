import { brokerErrorOf } from '../../kernel/errors.js';
import type { JobFailure } from '../../queue/jobs.js';

/** A failure as anyone who waits for a job's answer sees it. */
export function jobFailureOf(error: unknown): JobFailure {
  const { code, detail, fields } = brokerErrorOf(error);
  return { ok: false, code, ...(detail === undefined ? {} : { detail }), fields: { ...fields } };
}
