import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Verifier } from '../../domain/protocol-value.js';
import type { GrantRules } from '../../protocol/grant-rules.js';
import { accessBeyond } from '../sql/access-beyond.js';
import { accessInWords } from '../sql/access-in-words.js';
import { SQL_ACCESS_WORDS } from '../sql/access-words.js';
import { plannedAccess, widestAccess } from '../sql/planned-access.js';
import { connectionForms } from './connection-forms.js';
import { credentialVerifierIn, verifierOf } from './verifier.js';
import { credentialVerifierOf } from './wire/login/auth.js';

const PASSWORD_BYTES = 24;

/** Grants on MySQL and MariaDB. */
export const MYSQL_GRANTS: GrantRules = {
  words: SQL_ACCESS_WORDS,
  plan: plannedAccess,
  widest: widestAccess,
  beyond: accessBeyond,
  inWords: accessInWords,
  newCredential() {
    const secret = randomBytes(PASSWORD_BYTES).toString('base64url');
    return { secret, verifier: verifierOfSecret(secret) };
  },
  verifierOf: verifierOfSecret,
  isSecretOf(verifier, secret) {
    const [kept, given] = [credentialVerifierIn(verifier), credentialVerifierOf(secret)];
    return timingSafeEqual(kept.cachingSha2Hash, given.cachingSha2Hash);
  },
  connection: (place, secret) => connectionForms({ ...place, password: secret }),
};

function verifierOfSecret(secret: string): Verifier {
  return verifierOf(credentialVerifierOf(secret));
}
