import { randomBytes } from 'node:crypto';

/** A password that nobody is told, with each kind of character that a server's password policy may ask for. */
export function newPassword(): string {
  return `aA1-${randomBytes(24).toString('base64url')}`;
}
