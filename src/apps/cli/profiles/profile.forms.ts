import { z } from 'zod';
import { formOf } from '../../../contracts/form-of.js';
import { PROFILE_NAME } from './profile-name.js';

const profile = z.object({
  /** Where the broker is, without a slash at its end. */
  api: z.string(),
  /** What is shown to it: an API key, or the secret of a session that `doorwarden login` began. */
  credential: z.string().min(1),
  kind: z.enum(['session', 'key']),
  /** Whom the broker named when the profile was made; for lists only. */
  principal: z.string(),
});
export type Profile = Readonly<z.infer<typeof profile>>;

/** The file of a user's profiles. */
export const PROFILES_FORM = formOf(
  z.object({
    version: z.literal(1),
    current: z.string().nullable(),
    profiles: z.record(z.string().regex(PROFILE_NAME), profile),
  }),
);
