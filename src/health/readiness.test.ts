import { expect, it } from 'vitest';
import { BrokerError } from '../kernel/errors.js';
import { answers, type ConditionCheck, readinessOf, statusCodeOf } from './readiness.js';

const up: ConditionCheck = async () => ({ status: 'up', alive: 2 });
const degraded: ConditionCheck = async () => ({ status: 'degraded', alive: 0, message: 'No worker is there.' });
const down: ConditionCheck = async () => ({ status: 'down', message: 'Redis cannot be reached.' });

it('a process that has all that it needs is ready', async () => {
  const readiness = await readinessOf({ workers: up });
  expect(readiness).toEqual({
    status: 'ok',
    troubles: [],
    info: { workers: { status: 'up', alive: 2 } },
    error: {},
    details: { workers: { status: 'up', alive: 2 } },
  });
  expect(statusCodeOf(readiness)).toBe(200);
});

it('a process that is degraded is ready and says what does not happen', async () => {
  const readiness = await readinessOf({ gateways: up, workers: degraded });
  expect(readiness).toMatchObject({ status: 'degraded', troubles: ['No worker is there.'], error: {} });
  expect(Object.keys(readiness.info)).toEqual(['gateways', 'workers']);
  expect(statusCodeOf(readiness)).toBe(200);
});

it('a process that lacks something is not ready and names what', async () => {
  const readiness = await readinessOf({ database: up, workers: degraded, queue: down });
  expect(readiness).toMatchObject({
    status: 'error',
    troubles: ['No worker is there.', 'Redis cannot be reached.'],
    error: { queue: { status: 'down', message: 'Redis cannot be reached.' } },
  });
  expect(Object.keys(readiness.error)).toEqual(['queue']);
  expect(Object.keys(readiness.details)).toEqual(['database', 'workers', 'queue']);
  expect(statusCodeOf(readiness)).toBe(503);
});

it('a process that drains is not ready, whatever else holds, and says until when it keeps its grants', async () => {
  const stopping = { status: 'draining', trouble: 'The gateway drains.', facts: { grants: 3, sessions: 1 } } as const;
  const readiness = await readinessOf({ database: up }, stopping);
  expect(readiness).toMatchObject({ status: 'draining', troubles: ['The gateway drains.'], grants: 3, sessions: 1 });
  expect(statusCodeOf(readiness)).toBe(503);
});

it('what does not answer is down, with the words of the broker and of nobody else', async () => {
  const unavailable = new BrokerError('queue_unavailable');
  const known = answers(() => Promise.reject(unavailable));
  expect(await known()).toMatchObject({ status: 'down', message: unavailable.message });
  const unknown = answers(() => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.7:6379')));
  expect(JSON.stringify(await unknown())).not.toContain('10.0.0.7');
  expect(await answers(async () => 'PONG')()).toMatchObject({ status: 'up' });
});
