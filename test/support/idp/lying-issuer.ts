import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import {
  CompactSign,
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  SignJWT,
} from 'jose';

export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK;
}

export async function makeKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** The public key as PEM: what a forger would take for a shared secret. */
export function publicPem(key: SigningKey): Promise<string> {
  return exportSPKI(key.publicKey);
}

export type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/**
 * An issuer that says what a test wants it to: metadata, keys and answers can be changed while it serves, and it counts
 * how often each path was asked for. It listens on loopback only.
 */
export class LyingIssuer {
  readonly issuer: string;
  readonly key: SigningKey;
  /** What discovery says. */
  metadata: Record<string, unknown>;
  /** What the address of the keys says. */
  keySet: Record<string, unknown>;
  /** Answers by path, instead of the usual ones. */
  readonly answers = new Map<string, Answer>();
  readonly #asked = new Map<string, number>();
  readonly #server: Server;

  constructor(server: Server, issuer: string, key: SigningKey) {
    this.#server = server;
    this.issuer = issuer;
    this.key = key;
    this.keySet = { keys: [key.jwk] };
    this.metadata = {
      issuer,
      jwks_uri: `${issuer}/keys`,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/userinfo`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256', 'RS256', 'HS256', 'none'],
      authorization_response_iss_parameter_supported: true,
    };
    server.on('request', (request: IncomingMessage, response: ServerResponse) => this.#answer(request, response));
  }

  /** How often the path was asked for. */
  asked(path: string): number {
    return this.#asked.get(path) ?? 0;
  }

  get origin(): string {
    return new URL(this.issuer).origin;
  }

  /** A token of its own; `key` and `header` as a forger would choose them. */
  sign(
    claims: Record<string, unknown>,
    { key = this.key, header = {} }: { readonly key?: SigningKey; readonly header?: Record<string, unknown> } = {},
  ): Promise<string> {
    const protectedHeader: JWTHeaderParameters = { alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header };
    return new SignJWT(claims).setProtectedHeader(protectedHeader).sign(key.privateKey);
  }

  /** The same over a text as it is, for claims that JSON.stringify does not write. */
  signText(claims: string, header: Record<string, unknown> = {}): Promise<string> {
    const { alg, kid, privateKey } = this.key;
    return new CompactSign(new TextEncoder().encode(claims))
      .setProtectedHeader({ alg, kid, typ: 'at+jwt', ...header })
      .sign(privateKey);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = URL.parse(request.url ?? '/', this.issuer)?.pathname ?? '/';
    this.#asked.set(path, this.asked(path) + 1);
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.once('end', () => {
      const answer = this.answers.get(path);
      if (answer !== undefined) answer(request, response, body);
      else if (path.endsWith('/.well-known/openid-configuration')) sendJson(response, this.metadata);
      else if (path === '/keys') sendJson(response, this.keySet);
      else response.writeHead(404).end();
    });
  }
}

export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  sendText(response, JSON.stringify(body), status);
}

/** JSON as written, for what JSON.stringify does not write. */
export function sendText(response: ServerResponse, text: string, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(text);
}

/** `path`: what the issuer has after its origin. */
export async function startLyingIssuer(
  options: { readonly alg?: string; readonly path?: string; readonly tls?: ServerOptions } = {},
): Promise<LyingIssuer> {
  const server = options.tls === undefined ? createServer() : createTlsServer(options.tls);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port');
  const scheme = options.tls === undefined ? 'http' : 'https';
  const issuer = `${scheme}://127.0.0.1:${address.port}${options.path ?? ''}`;
  return new LyingIssuer(server, issuer, await makeKey('key-1', options.alg ?? 'ES256'));
}
