import { expect, it } from 'vitest';
import { gatewayJob, workerJob } from './jobs.js';
import { retryPolicyOf } from './retry.js';

it('every job has a policy; what someone waits for is tried once', () => {
  for (const { shape } of [...gatewayJob.options, ...workerJob.options]) {
    expect(retryPolicyOf(shape.name.value).attempts).toBeGreaterThan(0);
  }
  expect(retryPolicyOf('open').attempts).toBe(1);
  expect(retryPolicyOf('seal').attempts).toBeGreaterThan(1);
});
