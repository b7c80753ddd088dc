import {
  type DiscoveryView,
  type IdentityProviderSummary,
  identityProviderSummary,
  type IdentityProviderView,
  identityProviderView,
} from '../../contracts/identity/identity-provider.js';
import { unavailableReason } from '../../idp/provider-unavailable.js';
import type { IssuerPool } from '../../idp/issuer/issuer-pool.js';
import type { KnownIssuer } from '../../idp/issuer/oidc-issuer.js';
import { certificateWarnings, storedCertificates } from '../../idp/saml/saml-certificates.js';
import { samlPlace } from '../../idp/saml/saml-place.js';
import type { IdentityProviderRow } from '../../persistence/entities/identity/identity-provider.js';
import { timeOf, timeOrNull } from '../http/time.js';
import { oidcProviderIn, samlSettingsIn } from './stored-settings.js';

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

/** What a view of a provider says besides what is stored. */
export interface ProviderViewContext {
  readonly publicUrl: string | null;
  readonly nowMs: number;
  readonly issuers: Pick<IssuerPool, 'issuerOf'>;
}

/** All that is stored of a provider but its secret, and what its administrator has to be told of this broker. */
export function providerViewOf(
  row: IdentityProviderRow,
  { publicUrl, nowMs, issuers }: ProviderViewContext,
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
  if (kind === 'oidc') {
    const { known } = issuers.issuerOf(oidcProviderIn(row, null));
    const discovery = discoveryViewOf(known);
    return identityProviderView.parse({ ...common, hasClientSecret: sealedSecret !== null, discovery });
  }
  const { certificates } = samlSettingsIn(row);
  const warnings = certificateWarnings(certificates, nowMs).map(({ atMs, ...warning }) => ({
    ...warning,
    at: timeOf(atMs),
  }));
  const certificateTimes = storedCertificates(certificates).map(({ fingerprint, beginsMs, endsMs }) => ({
    fingerprint,
    from: timeOf(beginsMs),
    to: timeOf(endsMs),
  }));
  return identityProviderView.parse({ ...common, warnings, certificateTimes });
}

function discoveryViewOf({ readAtMs, failure, keys }: KnownIssuer): DiscoveryView {
  return {
    state: failure !== null ? 'failing' : readAtMs === null ? 'not-asked' : 'good',
    readAt: timeOrNull(readAtMs),
    failedAt: timeOrNull(failure?.atMs ?? null),
    fault: failure === null ? null : (unavailableReason(failure.error) ?? 'unknown'),
    keys: keys?.count ?? null,
    keysReadAt: timeOrNull(keys?.readAtMs ?? null),
  };
}

function addressesOf({ name, kind, purposes }: IdentityProviderRow, publicUrl: string | null) {
  if (publicUrl === null || !purposes.includes('people')) return { signIn: null, callback: null, metadata: null };
  const signIn = `${publicUrl}/auth/${kind}/${name}`;
  if (kind === 'oidc') return { signIn, callback: `${signIn}/callback`, metadata: null };
  const { acs, metadata } = samlPlace(publicUrl, name);
  return { signIn, callback: acs, metadata };
}
