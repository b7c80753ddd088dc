import { z } from 'zod';
import { providerKeyVariables, queueVariables, recordingVariables, stateVariables } from './common.js';
import { type Environment, loadConfig } from './load.js';
import { port, text, wholeNumber } from './variables.js';

export const apiSchema = z.object({
  ...stateVariables,
  ...queueVariables,
  ...recordingVariables,
  ...providerKeyVariables,
  API_HOST: text('127.0.0.1', 'The address on which the api listens.'),
  API_PORT: port(8080, 'The port on which the api listens; 0 takes any free one.'),
  OPEN_WAIT_SECONDS: wholeNumber(1, 60, 10, {
    about: 'Seconds a request for a grant, or a registration of a target, waits for a gateway.',
  }),
});

/** The api's settings. It reads no key that opens a target's password. */
export type ApiConfig = Readonly<z.output<typeof apiSchema>>;

/** @throws ConfigError */
export function loadApiConfig(env: Environment): ApiConfig {
  return loadConfig(apiSchema, env);
}
