/** The addresses of the broker at which one SAML provider meets it. */
export interface SamlPlace {
  /** Takes responses: the assertion consumer service. */
  readonly acs: string;
  /** The broker's own metadata; also its name at the provider, where the settings give no other. */
  readonly metadata: string;
}

/** `publicUrl` is the address of the api for people, without a slash at its end. */
export function samlPlace(publicUrl: string, provider: string): SamlPlace {
  const at = `${publicUrl}/auth/saml/${encodeURIComponent(provider)}`;
  return { acs: `${at}/acs`, metadata: `${at}/metadata` };
}
