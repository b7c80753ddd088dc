import { once } from 'node:events';
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';
import { AUDIENCE, CLIENT_ID, CLIENT_SECRET } from './providers.js';

/** A client of its own kind: an agent that asks for tokens in its own name. */
export const AGENT_CLIENT = { id: 'agent-7', secret: 'a-secret-of-an-agent-0123456789abcdef' };

const PEOPLE: Readonly<Record<string, object>> = {
  kim: { email: 'kim@example.com', email_verified: true, name: 'Kim Doe', groups: ['dba', 'security'] },
  robin: { email: 'robin@example.com', email_verified: false, name: 'Robin', groups: ['support'] },
};
const HOPS_MAX = 12;

/** A real OpenID Connect provider (oidc-provider) in this process, on loopback. */
export interface RealProvider {
  readonly issuer: string;
  /** Goes the way of a browser through the provider's pages; gives the callback's address as the provider sends it. */
  signIn(address: string, person: string): Promise<URL>;
  /** A token by client credentials, for the resource; the answer as it came. */
  agentToken(resource?: string): Promise<string>;
  close(): Promise<void>;
}

/** `redirectUris`: where the people's client may send them back. */
export async function startOidcProvider(redirectUris: readonly string[]): Promise<RealProvider> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port');
  const issuer = `http://127.0.0.1:${address.port}`;
  const provider = new Provider(issuer, await configuration(redirectUris));
  server.on('request', provider.callback());
  return {
    issuer,
    signIn: (start, person) => signIn(start, person),
    agentToken: (resource = AUDIENCE) => agentToken(issuer, resource),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function configuration(redirectUris: readonly string[]): Promise<object> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const resource = { scope: 'grants doorwarden.agent', accessTokenFormat: 'jwt', accessTokenTTL: 300 };
  const resourceOf = (_: unknown, audience: string) => ({ ...resource, audience });
  return {
    clients: [
      { client_id: CLIENT_ID, client_secret: CLIENT_SECRET, redirect_uris: redirectUris },
      {
        client_id: AGENT_CLIENT.id,
        client_secret: AGENT_CLIENT.secret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'op-1', use: 'sig', alg: 'RS256' }] },
    cookies: { keys: ['only-for-tests'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
    scopes: ['openid', 'email', 'profile', 'groups', 'grants', 'doorwarden.agent'],
    conformIdTokenClaims: false, // the id token has the claims of all scopes, not only userinfo
    pkce: { required: () => true },
    ttl: { IdToken: 300 },
    findAccount: (_: unknown, id: string) =>
      Object.hasOwn(PEOPLE, id) ? { accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) } : undefined,
    features: {
      devInteractions: { enabled: true },
      clientCredentials: { enabled: true },
      resourceIndicators: { enabled: true, defaultResource: () => undefined, getResourceServerInfo: resourceOf },
    },
  };
}

/** Follows redirects with a cookie jar, fills in the two forms, and stops where the provider sends the browser back. */
async function signIn(start: string, person: string): Promise<URL> {
  const { origin } = new URL(start);
  const cookies = new Map<string, string>();
  let next = new URL(start);
  let form: URLSearchParams | undefined;
  for (let hop = 0; hop < HOPS_MAX; hop += 1) {
    const response = await fetch(next, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: form }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [name = '', value = ''] = cookie.split(';', 1).join('').split(/=(.*)/s);
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location !== null) {
      next = new URL(location, next);
      form = undefined;
      if (next.origin !== origin) return next;
      continue;
    }
    const page = await response.text();
    const prompt = /name="prompt" value="(?<prompt>\w+)"/.exec(page)?.groups?.['prompt'];
    const action = /action="(?<action>[^"]+)"/.exec(page)?.groups?.['action'];
    if (prompt === undefined || action === undefined)
      throw new Error(`No form at ${next.pathname}: ${response.status}`);
    next = new URL(action, next);
    form = new URLSearchParams({ prompt, ...(prompt === 'login' ? { login: person, password: 'x' } : {}) });
  }
  throw new Error('The provider did not send the browser back');
}

async function agentToken(issuer: string, resource: string): Promise<string> {
  const credentials = Buffer.from(`${AGENT_CLIENT.id}:${AGENT_CLIENT.secret}`).toString('base64');
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource, scope: 'grants' }),
  });
  const answer: unknown = await response.json();
  const token: unknown =
    typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'access_token') : undefined;
  if (typeof token !== 'string') throw new Error(`No token: ${response.status} ${JSON.stringify(answer)}`);
  return token;
}
