import { randomBytes } from 'node:crypto';
import type { CacheProvider } from '@node-saml/passport-saml';
import type { SamlProviderSettings } from '../../../src/domain/identity/saml-provider.js';
import type { VerifiedIdentity } from '../../../src/domain/identity/verified-identity.js';
import { readAcsForm } from '../../../src/idp/saml/acs-form.js';
import { beginSaml } from '../../../src/idp/saml/begin-saml.js';
import { finishSaml } from '../../../src/idp/saml/finish-saml.js';
import { samlPlace } from '../../../src/idp/saml/saml-place.js';
import { type SamlHost, type SamlProvider, audienceOf } from '../../../src/idp/saml/saml-provider.js';
import { validate } from '../../../src/idp/saml/saml-strategy.js';
import type { OneTimeStore } from '../../../src/idp/one-time-store.js';
import { BrokerError } from '../../../src/kernel/errors.js';
import { LyingSaml, type SamlKeys } from './lying-saml.js';
import { type Brought, type SamlCase, type SamlScene, formOf } from './saml-case.js';

const BROKER = 'http://127.0.0.1:8443';

/** What became of a sign-in: who it is, or which check refused it. */
export type Played = { readonly accepted: VerifiedIdentity } | { readonly refused: string };

/** A provider as an operator would have stored it. */
export function samlProvider(
  name: string,
  { issuer, ...settings }: Partial<SamlProviderSettings> & { readonly issuer: string },
): SamlProvider {
  return {
    name,
    place: samlPlace(BROKER, name),
    settings: {
      issuer,
      ssoUrl: `${issuer}/sso`,
      certificates: [],
      audience: null,
      wantResponseSigned: false,
      attributes: { subject: null, email: 'mail', displayName: 'displayName' },
      forceAuthn: false,
      authnContexts: [],
      clockSkewSeconds: 30,
      ...settings,
    },
  };
}

/** The provider of a case. */
export function providerOf(played: SamlCase, keys: SamlKeys): SamlProvider {
  const certificates = [keys.current.certificate, keys.next.certificate];
  return samlProvider('idp', { issuer: 'https://idp.example/metadata', certificates, ...played.settings?.(keys) });
}

/** Has the broker take what the browser brings in a case; gives what became of the last of it. */
export async function play(played: SamlCase, keys: SamlKeys, oneTime: OneTimeStore): Promise<Played> {
  return playOpened(played, await open(played, keys, oneTime));
}

/**
 * Has the broker take what the browser brings in a case, and the library alone, with its strictest options, the same;
 * `accepts`: whether it accepts the last of it. Signing costs more than either of them.
 */
export async function playBoth(
  played: SamlCase,
  keys: SamlKeys,
  oneTime: OneTimeStore,
): Promise<{ readonly broker: Played; readonly accepts: boolean }> {
  const opened = await open(played, keys, oneTime);
  return { broker: await playOpened(played, opened), accepts: await playAlone(opened) };
}

interface OpenedCase {
  readonly provider: SamlProvider;
  readonly host: SamlHost;
  readonly scene: SamlScene;
  readonly requestIds: Set<string>;
  readonly brought: readonly Brought[];
}

async function open(played: SamlCase, keys: SamlKeys, oneTime: OneTimeStore): Promise<OpenedCase> {
  const provider = providerOf(played, keys);
  const host: SamlHost = { oneTime, nowMs: () => Date.now() };
  const { scene, requestIds } = await openScene({ played, provider, keys, host });
  return { provider, host, scene, requestIds, brought: await bringsOf(played, scene) };
}

async function playOpened(played: SamlCase, { provider, host, scene, brought }: OpenedCase): Promise<Played> {
  let last: Played | undefined;
  for (const one of brought) last = await finished(provider, formOf(one, scene.relayState), host);
  if (last === undefined) throw new Error(`Case ${played.id} brings nothing`);
  return last;
}

async function playAlone({ provider, scene, requestIds, brought }: OpenedCase): Promise<boolean> {
  const cache = libraryCache(requestIds);
  const { certificates, wantResponseSigned } = provider.settings;
  const options = { provider, certificates, cache, forceAuthn: false, wantResponseSigned };
  let isAccepted = false;
  for (const one of brought) {
    const form = new URLSearchParams(formOf(one, scene.relayState));
    isAccepted = await validate(options, form.get('SAMLResponse') ?? '').then(
      () => true,
      () => false,
    );
  }
  return isAccepted;
}

interface SceneOptions {
  readonly played: SamlCase;
  readonly provider: SamlProvider;
  readonly keys: SamlKeys;
  readonly host: SamlHost;
}

/** Opens a request at the provider and one at another provider, and puts a liar in the place of each. */
async function openScene({
  played,
  provider,
  keys,
  host,
}: SceneOptions): Promise<{ scene: SamlScene; requestIds: Set<string> }> {
  const other = samlProvider('other', { issuer: 'https://other.example', certificates: [keys.other.certificate] });
  const requestIds = new Set<string>();
  const open = async (at: SamlProvider, key: SamlKeys['current']): Promise<{ idp: LyingSaml; relayState: string }> => {
    const relayState = newRelayState();
    const { requestId } = await beginSaml(at, { relayState, reauthenticate: played.reauthenticate ?? false }, host);
    requestIds.add(requestId);
    const asked = { issuer: at.settings.issuer, audience: audienceOf(at), acs: at.place.acs, requestId };
    return { idp: new LyingSaml(asked, key), relayState };
  };
  const [mine, others] = [await open(provider, keys.current), await open(other, keys.other)];
  if (played.alone !== 'not asked') requestIds.delete(others.idp.asked.requestId);
  const scene = {
    idp: mine.idp,
    relayState: mine.relayState,
    other: others.idp,
    otherRelayState: others.relayState,
    keys,
    again: () => open(provider, keys.current),
  };
  return { scene, requestIds };
}

/** As the route makes one. */
export function newRelayState(): string {
  return randomBytes(32).toString('base64url');
}

async function bringsOf(played: SamlCase, scene: SamlScene): Promise<readonly Brought[]> {
  const brought = await played.brings(scene);
  return Array.isArray(brought) ? (brought as readonly Brought[]) : [brought as Brought];
}

async function finished(provider: SamlProvider, body: string, host: SamlHost): Promise<Played> {
  try {
    return { accepted: await finishSaml(provider, readAcsForm(Buffer.from(body)), host) };
  } catch (error) {
    if (!(error instanceof BrokerError) || error.code !== 'signin_refused') throw error;
    return { refused: String(error.fields['check']) };
  }
}

function libraryCache(requestIds: Set<string>): CacheProvider {
  const createdAt = new Date().toISOString();
  return {
    saveAsync: async () => null,
    getAsync: async (id) => (requestIds.has(id) ? createdAt : null),
    removeAsync: async (id) => (id !== null && requestIds.delete(id) ? id : null),
  };
}
