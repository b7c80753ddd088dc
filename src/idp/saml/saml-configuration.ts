import type {
  SamlProviderFault,
  SamlProviderInput,
  SamlProviderSettings,
} from '../../domain/identity/saml-provider.js';
import { shownLine } from '../../domain/visible-text.js';
import { isLoopback } from '../../kernel/loopback.js';
import { type IdpMetadata, readIdpMetadata } from './idp-metadata.js';
import { type SamlCertificate, isUsable, readCertificate } from './saml-certificates.js';

const ENTITY_ID_CHARACTERS_MAX = 1_024;
const URL_CHARACTERS_MAX = 2_048;
const CERTIFICATES_MAX = 8;

type Given = { readonly settings: SamlProviderSettings } | { readonly faults: readonly SamlProviderFault[] };

/**
 * What the broker stores of a SAML provider, or all that is wrong with what an operator says of it, by field. It asks
 * nobody: a sign-in goes through the browser, so the broker never calls a SAML provider.
 */
export function samlConfiguration(input: SamlProviderInput, nowMs: number): Given {
  const metadata = input.metadata === undefined ? undefined : readIdpMetadata(input.metadata, nowMs);
  if (metadata !== undefined && 'fault' in metadata) return { faults: [{ field: 'metadata', fault: metadata.fault }] };
  const issuer = metadata?.entityId ?? input.issuer ?? '';
  const ssoUrl = metadata?.ssoUrl ?? input.ssoUrl ?? '';
  const given = metadata?.certificates ?? input.certificates ?? [];
  const certificates = readAll(given, { nowMs, fromMetadata: metadata !== undefined });
  const faults = [
    ...besidesMetadata(input, metadata),
    ...faultOf(metadata ? 'metadata' : 'issuer', entityIdFault(issuer)),
    ...faultOf('audience', input.audience === undefined ? undefined : entityIdFault(input.audience)),
    ...faultOf(metadata ? 'metadata' : 'ssoUrl', ssoUrlFault(ssoUrl)),
    ...('fault' in certificates ? faultOf(metadata ? 'metadata' : 'certificates', certificates.fault) : []),
  ];
  if (faults.length > 0 || 'fault' in certificates) return { faults };
  const { wantResponseSigned, forceAuthn, authnContexts, clockSkewSeconds } = input;
  return {
    settings: {
      issuer,
      ssoUrl,
      certificates: certificates.pems,
      audience: input.audience ?? null,
      wantResponseSigned,
      attributes: {
        subject: input.attributes.subject ?? null,
        email: input.attributes.email ?? null,
        displayName: input.attributes.displayName ?? null,
      },
      forceAuthn,
      authnContexts,
      clockSkewSeconds,
    },
  };
}

/** With metadata, the issuer may be said too, so that metadata of another are noticed; the rest stands in them. */
function besidesMetadata(input: SamlProviderInput, metadata: IdpMetadata | undefined): readonly SamlProviderFault[] {
  if (metadata === undefined) return [];
  const isOther = input.issuer !== undefined && input.issuer !== metadata.entityId;
  const doubled = (['ssoUrl', 'certificates'] as const).filter((field) => input[field] !== undefined);
  return [
    ...faultOf('issuer', isOther ? 'is not the entityID of the metadata: they are of another' : undefined),
    ...doubled.flatMap((field) => faultOf(field, 'is in the metadata already; say it once')),
  ];
}

function faultOf(field: string, fault: string | undefined): readonly SamlProviderFault[] {
  return fault === undefined ? [] : [{ field, fault }];
}

function entityIdFault(entityId: string): string | undefined {
  if (entityId === '') return 'has no entityID of the identity provider';
  if (entityId.length > ENTITY_ID_CHARACTERS_MAX) return `is longer than ${ENTITY_ID_CHARACTERS_MAX} characters`;
  return shownLine(entityId) === entityId && !/\s/.test(entityId) ? undefined : 'has spaces or hidden characters';
}

function ssoUrlFault(ssoUrl: string): string | undefined {
  if (ssoUrl === '') return 'has no address for requests by HTTP-Redirect';
  const url = URL.canParse(ssoUrl) && ssoUrl.length <= URL_CHARACTERS_MAX ? new URL(ssoUrl) : undefined;
  if (url === undefined) return `has an address that is none, or longer than ${URL_CHARACTERS_MAX} characters`;
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    return 'has an address with a name, password or fragment';
  if (['SAMLRequest', 'RelayState'].some((name) => url.searchParams.has(name))) {
    return 'has an address that carries a request already';
  }
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname.replace('[::1]', '::1'))))
    return undefined;
  return 'has an address that is not https; http is for this machine itself only';
}

function readAll(
  given: readonly string[],
  { nowMs, fromMetadata }: { readonly nowMs: number; readonly fromMetadata: boolean },
): { readonly pems: readonly string[] } | { readonly fault: string } {
  if (given.length === 0) return { fault: 'has no certificate of a key that signs' };
  if (given.length > CERTIFICATES_MAX) return { fault: `has more than ${CERTIFICATES_MAX} certificates` };
  const read = given.map(readCertificate);
  const unread = read.find((certificate) => 'fault' in certificate);
  if (unread !== undefined && 'fault' in unread) return unread;
  const all = read.filter((certificate): certificate is SamlCertificate => !('fault' in certificate));
  const lasting = all.filter(({ endsMs }) => nowMs < endsMs);
  // Providers leave the last certificate in their metadata for a while; what an operator gives by hand is meant.
  if (lasting.length === 0 || (lasting.length < all.length && !fromMetadata))
    return { fault: 'has a certificate that has expired' };
  if (!lasting.some((certificate) => isUsable(certificate, nowMs)))
    return { fault: 'has no certificate that is valid yet' };
  return { pems: lasting.map(({ pem }) => pem) };
}
