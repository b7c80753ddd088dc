import { startVouching, type VouchedCallers } from '../test/support/idp/vouched-callers.js';
import type { BenchBroker } from './broker.js';

let started: Promise<VouchedCallers> | undefined;

/** Callers without a key, made once for all rows that want them: the broker takes one issuer under their name. */
export function callersOf({ vouched }: BenchBroker): Promise<VouchedCallers> {
  started ??= startVouching(vouched);
  return started;
}

export async function closeCallers(): Promise<void> {
  const callers = await started;
  started = undefined;
  await callers?.close();
}
