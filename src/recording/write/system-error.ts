import { BrokerError } from '../../kernel/errors.js';

/** The code of a system error (`ENOSPC`), or undefined for any other error. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

const OUT_OF_SPACE: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** True when giving space back may help: the disk, the quota or the file size limit is used up. */
export function isOutOfSpace(error: unknown): boolean {
  const code = systemErrorCode(error);
  return code !== undefined && OUT_OF_SPACE.has(code);
}

/** What a recording fails with when it cannot be written. */
export function unavailable(detail: string, cause?: unknown): BrokerError {
  return new BrokerError('recording_unavailable', { detail, cause });
}
