import { callApi } from '../../../src/client/api-call.js';
import type { Broker } from '../broker.js';
import { documentedProvider } from '../idp/documented-provider.js';
import { sendJson, startLyingIssuer } from '../idp/lying-issuer.js';

const TOKEN_SECONDS = 300;

/** Claims of a job, as the CI's own documentation has them. */
export type JobClaims = Readonly<Record<string, unknown>>;

/** A CI on this machine that signs tokens for its jobs, and that the broker believes as docs/sign-in.md says. */
export interface CiIssuer {
  /** A token of a job for an audience. */
  token(claims: JobClaims, audience?: string): Promise<string>;
  /** The variables by which GitHub's runner lets a job ask for tokens. */
  tokenRequests(claims: JobClaims): Readonly<Record<string, string>>;
  /** How often jobs have asked. */
  asked(): number;
  close(): Promise<void>;
}

/** Starts it, and stores the provider and the rules of the documented example; its audience is the broker's address. */
export async function startCi(broker: Broker, title: string): Promise<CiIssuer> {
  const issuer = await startLyingIssuer({ alg: 'RS256' });
  const { name, settings, rules } = documentedProvider(title);
  const provider = { ...settings, issuer: issuer.issuer, audience: broker.api, allowPrivateAddresses: true };
  await put(broker, `/v1/identity-providers/${name}`, provider);
  await put(broker, '/v1/identity-mapping', { rules });
  const token = (claims: JobClaims, audience = broker.api): Promise<string> => {
    const now = Math.floor(Date.now() / 1000);
    const times = { iat: now, nbf: now - 300, exp: now + TOKEN_SECONDS };
    return issuer.sign({ iss: issuer.issuer, aud: audience, ...times, ...claims }, { header: { typ: 'JWT' } });
  };
  return {
    token,
    tokenRequests(claims) {
      const key = `runner-${Math.random()}`;
      issuer.answers.set('/id-token', (request, response) => {
        const audience = URL.parse(request.url ?? '', issuer.issuer)?.searchParams.get('audience') ?? undefined;
        if (request.headers.authorization !== `bearer ${key}`) return sendJson(response, { message: 'no' }, 401);
        void token(claims, audience).then((value) => sendJson(response, { count: value.length, value }));
      });
      return {
        ACTIONS_ID_TOKEN_REQUEST_URL: `${issuer.issuer}/id-token?api-version=2.0`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: key,
      };
    },
    asked: () => issuer.asked('/id-token'),
    close: () => issuer.close(),
  };
}

async function put({ api, keys }: Broker, path: string, body: object): Promise<void> {
  const answer = await callApi(api, path, { key: keys.operator, method: 'PUT', body });
  if (answer.status !== 200) throw new Error(`PUT ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
}
