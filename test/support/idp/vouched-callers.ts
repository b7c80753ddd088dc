import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { callApi } from '../../../src/client/api-call.js';
import { principalView } from '../../../src/contracts/identity/principal.js';
import { SESSION_COOKIE } from '../../../src/control/sign-in/browser/cookies.js';
import { Sessions } from '../../../src/control/sign-in/sessions/sessions.js';
import type { PrincipalKind, Role } from '../../../src/domain/principal.js';
import type { PrincipalId } from '../../../src/kernel/brand.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { connectForCommands } from '../../../src/messaging/redis.js';
import { ValueSigner } from '../../../src/messaging/value-signer.js';
import { type LyingIssuer, startLyingIssuer } from './lying-issuer.js';
import { AUDIENCE } from './providers.js';

const PROVIDER = 'vouching';
const TOKEN_SECONDS = 600;
const HOUR_MS = 3_600_000;

export type CallHeaders = Readonly<Record<string, string>>;

export interface VouchedBroker {
  readonly api: string;
  readonly operatorKey: string;
  readonly redisUrl: string;
  /** `mysql://…`, of the state database. */
  readonly stateUrl: string;
  readonly prefix: string;
}

/** Callers without a key: an identity provider vouches for them, and its claim `roles` says what they may do. */
export interface VouchedCallers {
  /** The headers of an agent's or a service's bearer token. */
  token(role: Role): Promise<CallHeaders>;
  /** Those that a page of the broker sends with a new session of a person; the principal's own roles are others. */
  session(role: Role): Promise<CallHeaders>;
  /** Gives people of one role another one, by the mapping. */
  remap(from: Role, to: Role): Promise<void>;
  close(): Promise<void>;
}

export async function startVouching(broker: VouchedBroker): Promise<VouchedCallers> {
  const issuer = await startLyingIssuer();
  const redis = connectForCommands(broker.redisUrl, { warn: () => undefined });
  await redis.connect();
  const state = await createConnection(broker.stateUrl);
  await put(broker, `identity-providers/${PROVIDER}`, providerOf(issuer));
  await put(broker, 'identity-mapping', { rules: rulesOf((role) => role) });
  const principal = await makePerson(broker);
  const sessions = new Sessions({
    redis,
    prefix: broker.prefix,
    limits: { idleMs: HOUR_MS, absoluteMs: HOUR_MS },
    clock: systemClock,
    signer: new ValueSigner(await secretOf(state)),
  });
  return {
    token: async (role) => ({ authorization: `Bearer ${await tokenOf(issuer, role)}` }),
    async session(role) {
      const identity = identityOf(issuer, role);
      const epoch = await epochOf(state, principal);
      const wanted = { principal, epoch, identity, untilMs: null, address: '127.0.0.1', userAgent: 'test' };
      const { secret: cookie } = await sessions.open(wanted);
      const page = { 'sec-fetch-site': 'same-origin', origin: broker.api, 'x-doorwarden': '1' };
      return { cookie: `${SESSION_COOKIE}=${cookie}`, ...page };
    },
    remap: (from, to) => put(broker, 'identity-mapping', { rules: rulesOf((role) => (role === from ? to : role)) }),
    async close() {
      redis.disconnect();
      await Promise.all([state.end(), issuer.close()]);
    },
  };
}

function providerOf({ issuer }: LyingIssuer): object {
  const use = { for: ['agents', 'people'], clientId: 'doorwarden', allowPrivateAddresses: true };
  return { kind: 'oidc', issuer, audience: AUDIENCE, ...use };
}

function rulesOf(given: (role: Role) => Role): readonly object[] {
  const rule = (role: Role, kind: PrincipalKind) => {
    const rest = { principal: `${kind}/${role}`, kind, roles: [kind === 'user' ? given(role) : role], groups: [] };
    return { provider: PROVIDER, when: { use: kind, role }, ...rest };
  };
  const people: readonly Role[] = ['approver', 'reviewer', 'operator'];
  return [rule('agent', 'agent'), ...people.flatMap((role) => [rule(role, 'user'), rule(role, 'service')])];
}

function tokenOf(issuer: LyingIssuer, role: Role): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return issuer.sign({
    iss: issuer.issuer,
    aud: AUDIENCE,
    sub: role,
    role,
    use: role === 'agent' ? 'agent' : 'service',
    iat: now,
    exp: now + TOKEN_SECONDS,
    jti: `${role}-${now}`,
  });
}

function identityOf({ issuer }: LyingIssuer, role: Role) {
  const said = { claims: { use: 'user', role }, email: null, displayName: null };
  const how = { authAtMs: Date.now(), acr: null, amr: [], untilMs: null, providerSession: null };
  return { provider: PROVIDER, kind: 'oidc', issuer, subject: role, ...said, ...how } as const;
}

/** The principal's number of now: everybody's sessions may have been ended meanwhile. */
async function epochOf(state: Connection, principal: PrincipalId): Promise<number> {
  const [rows] = await state.query<RowDataPacket[]>('SELECT session_epoch FROM principals WHERE id = ?', [principal]);
  return Number(rows[0]?.['session_epoch']);
}

/** What the apis sign sessions with. */
async function secretOf(state: Connection): Promise<Buffer> {
  const [rows] = await state.query<RowDataPacket[]>("SELECT secret FROM broker_secrets WHERE name = 'sessions'");
  return Buffer.from(String(rows[0]?.['secret']), 'hex');
}

/** Somebody whose own roles would let them do more than any session of theirs may. */
async function makePerson({ api, operatorKey: key }: VouchedBroker): Promise<PrincipalId> {
  const body = { name: 'vouched-for', kind: 'user', roles: ['approver', 'reviewer', 'operator'] };
  const made = await callApi(api, '/v1/principals', { key, body });
  return principalView.parse(made.body).id as PrincipalId;
}

async function put({ api, operatorKey: key }: VouchedBroker, path: string, body: object): Promise<void> {
  const { status, body: said } = await callApi(api, `/v1/${path}`, { key, method: 'PUT', body });
  if (status !== 200) throw new Error(`PUT /v1/${path}: ${status} ${JSON.stringify(said)}`);
}
