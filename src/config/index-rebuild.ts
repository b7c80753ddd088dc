import { z } from 'zod';
import { recordingVariables, stateVariables } from './common.js';
import { type Environment, loadConfig } from './load.js';

const schema = z.object({ ...stateVariables, ...recordingVariables });

/** @throws ConfigError */
export function loadIndexConfig(env: Environment): Readonly<z.output<typeof schema>> {
  return loadConfig(schema, env);
}
