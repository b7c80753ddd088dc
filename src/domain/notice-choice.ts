/** What e-mail somebody wants: a digest of what waits for them, or none. */
export const EMAIL_CHOICES = ['digest', 'off'] as const;
export type EmailChoice = (typeof EMAIL_CHOICES)[number];

/** What somebody has who never chose. */
export const EMAIL_BY_DEFAULT: EmailChoice = 'digest';
