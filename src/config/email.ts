import { oneOf, optionalSecretUrl, text, wholeNumber } from './variables.js';

/** How the worker sends e-mail. */
export const emailVariables = {
  SMTP_URL: optionalSecretUrl(['smtp://', 'smtps://'], {
    about:
      'The server that takes e-mail: smtp://user:password@host:port, which is 587 by default and is encrypted by STARTTLS, or smtps:// (465).',
    otherwise: 'no e-mail is sent',
  }),
  EMAIL_FROM: text('', 'Who e-mail is from: doorwarden@example.com, or Doorwarden <doorwarden@example.com>.'),
  EMAIL_PLAIN: oneOf(['false', 'true'], 'false', {
    about: 'Whether the way to a server of smtp:// may stay without TLS, also where it is not this machine.',
  }),
  EMAIL_GATHER_SECONDS: wholeNumber(0, 3600, 60, {
    about: 'Seconds that a question waits at most for others before a digest names it.',
  }),
  EMAIL_EVERY_MINUTES: wholeNumber(0, 1440, 15, {
    about: 'Minutes between two digests to one person at least.',
  }),
  EMAIL_SIGN_IN_DAYS: wholeNumber(1, 365, 30, {
    about:
      'Days ago that somebody signed in at most who gets a digest: what their identity provider said then decides what they may see.',
  }),
};
