import { z } from 'zod';

/** One setting that the environment of the api decides. */
export const settingView = z
  .object({
    name: z.string().meta({ description: 'Of the variable.' }),
    about: z.string(),
    isSecret: z.boolean(),
    value: z.string().nullable().meta({ description: 'Null: a secret, which is never shown, or nothing is set.' }),
    source: z.enum(['environment', 'file', 'default']).meta({
      description: 'environment: the variable itself. file: what NAME_FILE names. default: neither is set.',
    }),
    otherwise: z.string().nullable().meta({ description: 'What holds while it is not set, where that is no value.' }),
  })
  .meta({ id: 'Setting' });
export type SettingView = z.infer<typeof settingView>;

/** What may be done so and so often. */
export const limitView = z
  .object({
    name: z.string(),
    what: z.string().meta({ description: 'What there may be so many of.' }),
    units: z.int().nullable().meta({ description: 'Null: no limit is set.' }),
    seconds: z.int().meta({ description: 'Within this time.' }),
    setting: z.string().meta({ description: 'The variable that decides it.' }),
    isShared: z.boolean().meta({ description: 'Counted by all apis together; else by each for itself.' }),
  })
  .meta({ id: 'Limit' });
export type LimitView = z.infer<typeof limitView>;

export const settingsView = z
  .object({
    version: z.string(),
    node: z.string(),
    publicUrl: z.string().nullable().meta({ description: 'Where people find the api; null: nobody can sign in.' }),
    settings: z.array(settingView).readonly(),
    limits: z.array(limitView).readonly(),
  })
  .meta({ id: 'Settings' });
export type SettingsView = z.infer<typeof settingsView>;
