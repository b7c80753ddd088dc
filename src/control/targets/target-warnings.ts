import type { TargetView } from '../../contracts/grants/target.js';
import type { TargetWarningCode } from '../../domain/target-test.js';
import { isLoopback } from '../../kernel/loopback.js';
import type { TargetRow } from '../../persistence/entities/grants/target.js';

const TEXTS: Readonly<Record<TargetWarningCode, string>> = {
  'tls-off': 'The path to it is not encrypted: anyone who is on it reads passwords and rows.',
  'tls-unverified': 'The path to it is encrypted, but nobody looks at who answers there.',
  'tls-name-unchecked': 'Any server with a certificate of the same authority may answer in its place.',
  'static-credentials':
    'There is no second lock: only the privileges of the registered account hold, whatever a grant says.',
  'no-password': 'The broker has no password for it, so no grant opens. Give it one.',
};

/** What makes a target less safe than it could be. On this machine itself there is no path to protect. */
export function targetWarnings({
  host,
  tls,
  credentials,
  sealedPassword,
}: Pick<TargetRow, 'host' | 'tls' | 'credentials' | 'sealedPassword'>): TargetView['warnings'] {
  const codes: readonly (TargetWarningCode | undefined)[] = [
    sealedPassword === null ? 'no-password' : undefined,
    isLoopback(host) ? undefined : TLS_WARNINGS[tls.mode],
    credentials === 'static' ? 'static-credentials' : undefined,
  ];
  return codes.flatMap((code) => (code === undefined ? [] : [{ code, text: TEXTS[code] }]));
}

const TLS_WARNINGS: Readonly<Record<TargetRow['tls']['mode'], TargetWarningCode | undefined>> = {
  off: 'tls-off',
  unverified: 'tls-unverified',
  'verify-ca': 'tls-name-unchecked',
  'verify-identity': undefined,
};
