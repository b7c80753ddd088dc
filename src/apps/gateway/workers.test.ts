import { expect, test } from 'vitest';
import { loadGatewayConfig } from '../../config/gateway.js';
import { workerEnvironment } from './workers.js';

test('each worker has a name, ports and a health port of its own', () => {
  const env = {
    DATABASE_URL: 'mysql://u:p@localhost/d',
    REDIS_URL: 'redis://localhost',
    GATEWAY_NAME: 'g',
    GATEWAY_PORT_RANGE: '1000-1009',
    GATEWAY_HEALTH_PORT: '90',
  };
  const config = loadGatewayConfig(env);
  const made = [0, 1, 2].map((index) => workerEnvironment(env, config, index, 3));
  expect(made.map((worker) => worker['GATEWAY_NAME'])).toEqual(['g#1', 'g#2', 'g#3']);
  expect(made.map((worker) => worker['GATEWAY_PORT_RANGE'])).toEqual(['1000-1002', '1003-1005', '1006-1009']);
  expect(made.map((worker) => worker['GATEWAY_HEALTH_PORT'])).toEqual(['90', '91', '92']);
});
