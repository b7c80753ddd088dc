import type { VerifiedIdentity } from '../../../domain/identity/verified-identity.js';
import type { PrincipalRow } from '../../../persistence/entities/identity/principal.js';

/** Says which principal an identity is that a provider has vouched for, and makes it where it is new. */
export abstract class Admission {
  /** @throws BrokerError `signin_not_mapped`, `signin_name_taken`, `signin_principal_disabled`, `state_unavailable` */
  abstract admit(identity: VerifiedIdentity): Promise<PrincipalRow>;
}
