import { z } from 'zod';
import {
  providerKeyVariables,
  publicUrlVariables,
  queueVariables,
  recordingVariables,
  stateVariables,
} from './common.js';
import { limitVariables } from './limits.js';
import { type Environment, loadConfig } from './load.js';
import { type Setting, settingsIn } from './settings.js';
import { slackDecisionVariables, slackSettingsOf, slackVariables } from './slack.js';
import { webhookVariables } from './webhooks.js';
import { addresses, oneOf, origins, port, text, wholeNumber } from './variables.js';

export const apiSchema = z.object({
  ...stateVariables,
  ...queueVariables,
  ...recordingVariables,
  ...providerKeyVariables,
  API_HOST: text('127.0.0.1', 'The address on which the api listens.'),
  API_PORT: port(8080, 'The port on which the api listens; 0 takes any free one.'),
  ...publicUrlVariables,
  API_TLS_CERT_FILE: text(
    '',
    'The certificate with which the api serves TLS itself, PEM with its chain; read again when it changes.',
  ),
  API_TLS_KEY_FILE: text('', 'The private key of that certificate, PEM.'),
  TRUSTED_PROXY: addresses(
    'The addresses or networks of the proxies before the api, with commas between, such as 10.0.0.5,10.1.0.0/16: only they are believed what X-Forwarded-For and X-Forwarded-Proto say.',
  ),
  SESSION_IDLE_MINUTES: wholeNumber(1, 1440, 30, {
    about: 'Minutes after which the session of a person ends who does nothing.',
  }),
  SESSION_HOURS: wholeNumber(1, 168, 10, { about: 'Hours after which the session of a person ends in any case.' }),
  OPEN_WAIT_SECONDS: wholeNumber(1, 60, 10, {
    about: 'Seconds a request for a grant, or a registration of a target, waits for a gateway.',
  }),
  MCP_ORIGINS: origins(
    'The pages in browsers that may use the MCP server of the api, by their origins with commas between; without one it refuses every call that has an Origin.',
  ),
  MCP_STATEMENTS: oneOf(['on', 'off'], 'on', {
    about:
      'Whether the MCP server of the api runs statements itself (run_statement): their rows then pass through the api. on or off.',
  }),
  ...webhookVariables,
  ...limitVariables,
  ...slackVariables,
  ...slackDecisionVariables,
});

/** The api's settings. It reads no key that opens a target's password. */
export type ApiConfig = Readonly<z.output<typeof apiSchema>>;

/** @throws ConfigError */
export function loadApiConfig(env: Environment): ApiConfig {
  const config = loadConfig(apiSchema, env);
  slackSettingsOf(config); // what does not fit together is said before anything is opened
  return config;
}

/** The same settings as an operator may read them, without secrets. */
export function readableApiSettings(env: Environment): readonly Setting[] {
  return settingsIn(apiSchema, env);
}
