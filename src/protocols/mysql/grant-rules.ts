import { randomBytes } from 'node:crypto';
import type { GrantRules } from '../../protocol/grant-rules.js';
import { accessBeyond } from '../sql/access-beyond.js';
import { accessInWords } from '../sql/access-in-words.js';
import { plannedAccess, widestAccess } from '../sql/planned-access.js';
import { connectionForms } from './connection-forms.js';
import { verifierOf } from './verifier.js';
import { credentialVerifierOf } from './wire/login/auth.js';

const PASSWORD_BYTES = 24;

/** Grants on MySQL and MariaDB. */
export const MYSQL_GRANTS: GrantRules = {
  plan: plannedAccess,
  widest: widestAccess,
  beyond: accessBeyond,
  inWords: accessInWords,
  newCredential() {
    const secret = randomBytes(PASSWORD_BYTES).toString('base64url');
    return { secret, verifier: verifierOf(credentialVerifierOf(secret)) };
  },
  connection: (place, secret) => connectionForms({ ...place, password: secret }),
};
