import { z } from 'zod';
import { stateVariables } from './common.js';
import { type Environment, loadConfig } from './load.js';

export const migrateSchema = z.object(stateVariables);

/** What the migrations, and the commands that only touch the state database, need. */
export type MigrateConfig = Readonly<z.output<typeof migrateSchema>>;

/** @throws ConfigError */
export function loadMigrateConfig(env: Environment): MigrateConfig {
  return loadConfig(migrateSchema, env);
}
