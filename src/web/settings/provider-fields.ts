import type { IdentityProviderView } from '../../contracts/identity/identity-provider.js';

type Kind = IdentityProviderView['kind'];

/** How a setting is filled in, and what is sent for it. */
export interface ProviderField {
  /** The member of the request; `attributes.email` is one inside of another. */
  readonly name: string;
  readonly form: FieldForm;
  /** Whom it is about; undefined: all. */
  readonly use?: 'people' | 'agents';
}

/** words: a list that spaces separate. lines: a list with one a line. certificates: PEM below each other. */
export type FieldForm = 'text' | 'words' | 'lines' | 'number' | 'check' | 'json' | 'area' | 'certificates' | 'secret';

const field = (form: FieldForm, ...names: readonly string[]): readonly ProviderField[] =>
  names.map((name) => ({ name, form }));

const about = (use: 'people' | 'agents', fields: readonly ProviderField[]): readonly ProviderField[] =>
  fields.map((one) => ({ ...one, use }));

/** The settings of each kind of provider, in the order in which the form has them. */
export const FIELDS: Readonly<Record<Kind, readonly ProviderField[]>> = {
  oidc: [
    ...field('text', 'issuer'),
    ...about('people', [
      ...field('text', 'clientId'),
      ...field('secret', 'clientSecret'),
      ...field('words', 'scopes'),
      ...field('text', 'groupsClaim'),
      ...field('words', 'acrValues'),
      ...field('number', 'maxAgeSeconds'),
      ...field('check', 'userInfo'),
    ]),
    ...about('agents', [
      ...field('text', 'audience'),
      ...field('words', 'otherAudiences', 'tokenTypes'),
      ...field('json', 'requiredClaims'),
      ...field('number', 'tokenSecondsMax'),
      ...field('text', 'sponsorClaim'),
    ]),
    ...field('words', 'algorithms'),
    ...field('text', 'jwksUri'),
    ...field('lines', 'origins'),
    ...field('area', 'ca'),
    ...field('check', 'allowPrivateAddresses'),
  ],
  saml: [
    ...field('area', 'metadata'),
    ...field('text', 'issuer', 'ssoUrl'),
    ...field('certificates', 'certificates'),
    ...field('text', 'audience'),
    ...field('text', 'attributes.subject', 'attributes.email', 'attributes.displayName'),
    ...field('check', 'wantResponseSigned', 'forceAuthn'),
    ...field('lines', 'authnContexts'),
    ...field('number', 'clockSkewSeconds'),
  ],
};
