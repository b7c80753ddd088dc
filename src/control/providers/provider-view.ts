import {
  type IdentityProviderSummary,
  identityProviderSummary,
  type IdentityProviderView,
  identityProviderView,
} from '../../contracts/identity-provider.js';
import { certificateWarnings } from '../../idp/saml/saml-certificates.js';
import { samlPlace } from '../../idp/saml/saml-place.js';
import type { IdentityProviderRow } from '../../persistence/entities/identity-provider.js';
import { timeOf } from '../http/time.js';
import { samlSettingsIn } from './stored-settings.js';

/** What a list shows of a provider. */
export function providerSummaryOf(row: IdentityProviderRow): IdentityProviderSummary {
  const { name, kind, purposes, settings, revision, changedAtMs } = row;
  return identityProviderSummary.parse({
    name,
    kind,
    for: purposes,
    issuer: settings.issuer,
    revision,
    changedAt: timeOf(changedAtMs),
  });
}

/** All that is stored of a provider but its secret, and what its administrator has to be told of this broker. */
export function providerViewOf(
  row: IdentityProviderRow,
  { publicUrl, nowMs }: { readonly publicUrl: string | null; readonly nowMs: number },
): IdentityProviderView {
  const { name, kind, purposes, settings, sealedSecret, revision, createdAtMs, changedAtMs, changedBy } = row;
  const common = {
    ...settings,
    name,
    kind,
    for: purposes,
    revision,
    createdAt: timeOf(createdAtMs),
    changedAt: timeOf(changedAtMs),
    changedBy,
    address: addressesOf(row, publicUrl),
  };
  if (kind === 'oidc') return identityProviderView.parse({ ...common, hasClientSecret: sealedSecret !== null });
  const warnings = certificateWarnings(samlSettingsIn(row).certificates, nowMs).map(({ atMs, ...warning }) => ({
    ...warning,
    at: timeOf(atMs),
  }));
  return identityProviderView.parse({ ...common, warnings });
}

function addressesOf({ name, kind, purposes }: IdentityProviderRow, publicUrl: string | null) {
  if (publicUrl === null || !purposes.includes('people')) return { signIn: null, callback: null, metadata: null };
  const signIn = `${publicUrl}/auth/${kind}/${name}`;
  if (kind === 'oidc') return { signIn, callback: `${signIn}/callback`, metadata: null };
  const { acs, metadata } = samlPlace(publicUrl, name);
  return { signIn, callback: acs, metadata };
}
