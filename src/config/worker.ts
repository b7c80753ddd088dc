import { z } from 'zod';
import {
  envelopeKeyVariables,
  publicUrlVariables,
  queueVariables,
  recordingVariables,
  sealKeyVariables,
  stateVariables,
} from './common.js';
import { emailVariables } from './email.js';
import { type Environment, loadConfig } from './load.js';
import { slackVariables } from './slack.js';
import { port, text, wholeNumber } from './variables.js';
import { webhookVariables } from './webhooks.js';

export const workerSchema = z.object({
  ...stateVariables,
  ...queueVariables,
  ...recordingVariables,
  ...envelopeKeyVariables,
  ...sealKeyVariables,
  ...publicUrlVariables,
  ...emailVariables,
  ...webhookVariables,
  WORKER_HEALTH_HOST: text('127.0.0.1', "The address of the worker's health and metrics."),
  WORKER_HEALTH_PORT: port(8082, "The port of the worker's health and metrics; 0 takes any free one."),
  REAP_EVERY_SECONDS: wholeNumber(1, 3600, 5, {
    about: 'Seconds between two looks for grants that a dead gateway left.',
  }),
  INDEX_EVERY_SECONDS: wholeNumber(1, 3600, 2, {
    about: 'Seconds between two looks for recorded statements that are not in the index of the search.',
  }),
  RECORD_CHECKPOINT_SECONDS: wholeNumber(1, 3600, 60, {
    about: 'Seconds between two signatures of the administrative record, where it has grown.',
  }),
  STATEMENT_EXPORT_SECONDS: wholeNumber(0, 86_400, 0, {
    about:
      'Seconds between two looks for finished days whose statements are to be written as Parquet under RECORDINGS_DIR/exports; 0: none are.',
  }),
  ...slackVariables,
});

/** The worker's settings. */
export type WorkerConfig = Readonly<z.output<typeof workerSchema>>;

/** @throws ConfigError */
export function loadWorkerConfig(env: Environment): WorkerConfig {
  return loadConfig(workerSchema, env);
}
