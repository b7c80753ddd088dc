import type { VerifiedIdentity } from '../../domain/identity/verified-identity.js';
import type { PrincipalRow } from '../../persistence/entities/identity/principal.js';
import { Admission } from '../sign-in/providers/admission.js';
import type { MappedPrincipals } from './mapped-principals.js';

/** Lets in whom the identity mapping knows. */
export class MappedAdmission extends Admission {
  constructor(private readonly mapped: MappedPrincipals) {
    super();
  }

  async admit(identity: VerifiedIdentity): Promise<PrincipalRow> {
    return (await this.mapped.signIn(identity)).principal;
  }
}
