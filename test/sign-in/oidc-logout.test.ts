import { UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IssuerPool } from '../../src/idp/issuer/issuer-pool.js';
import { type LogoutSubject, verifyLogoutToken } from '../../src/idp/oidc/logout-token.js';
import { type OidcCheck } from '../../src/idp/oidc/oidc-checks.js';
import { OneTimeMemory } from '../../src/idp/one-time-store.fixture.js';
import { systemClock } from '../../src/kernel/clock.js';
import { BrokerError } from '../../src/kernel/errors.js';
import { caseTable, documentedTable } from '../support/idp/case-table.js';
import { type LyingIssuer, makeKey, type SigningKey, startLyingIssuer } from '../support/idp/lying-issuer.js';
import { CLIENT_ID, peopleProvider } from '../support/idp/providers.js';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const HEADER = { typ: 'logout+jwt' };

let issuer: LyingIssuer;
let foreign: SigningKey;
beforeAll(async () => {
  [issuer, foreign] = await Promise.all([startLyingIssuer(), makeKey('key-1')]);
});
afterAll(() => issuer.close());

const nowSeconds = () => Math.floor(Date.now() / 1000);
let tokens = 0;

function goodClaims(): Record<string, unknown> {
  const now = nowSeconds();
  tokens += 1;
  return {
    iss: issuer.issuer,
    aud: CLIENT_ID,
    iat: now,
    exp: now + 120,
    jti: `logout-${tokens}`,
    sub: '17',
    sid: 's1',
    events: { [EVENT]: {} },
  };
}

const signed = (change: Record<string, unknown> = {}, header: Record<string, unknown> = HEADER) =>
  issuer.sign({ ...goodClaims(), ...change }, { header });

function verify(token: string, store = new OneTimeMemory()): Promise<LogoutSubject> {
  const pool = new IssuerPool({ clock: systemClock });
  return verifyLogoutToken(token, { issuer: pool.issuerOf(peopleProvider(issuer.issuer)), store, clock: systemClock });
}

async function outcome(token: string, store?: OneTimeMemory): Promise<unknown> {
  try {
    return (await verify(token, store)).subject;
  } catch (error) {
    return error instanceof BrokerError ? error.fields['check'] : error;
  }
}

const CASES: readonly {
  readonly input: string;
  readonly check: OidcCheck;
  readonly token: () => Promise<string> | string;
}[] = [
  { input: '`alg` is none', check: 'malformed', token: () => new UnsecuredJWT(goodClaims()).encode() },
  {
    input: 'a foreign key under the same `kid`',
    check: 'signature',
    token: () => issuer.sign(goodClaims(), { key: foreign, header: HEADER }),
  },
  {
    input: 'a `kid` that nobody published',
    check: 'key_unknown',
    token: () => signed({}, { ...HEADER, kid: 'key-9' }),
  },
  { input: 'an id token', check: 'type', token: () => signed({}, { typ: 'JWT' }) },
  { input: 'no type', check: 'type', token: () => signed({}, { typ: undefined }) },
  { input: 'a nonce', check: 'logout_nonce', token: () => signed({ nonce: 'n' }) },
  { input: 'another issuer', check: 'issuer', token: () => signed({ iss: 'https://elsewhere.example' }) },
  { input: 'another client', check: 'audience', token: () => signed({ aud: 'another' }) },
  { input: 'this client and another', check: 'audience', token: () => signed({ aud: [CLIENT_ID, 'another'] }) },
  { input: 'no event', check: 'logout_event', token: () => signed({ events: undefined }) },
  {
    input: 'another event',
    check: 'logout_event',
    token: () => signed({ events: { 'https://example.com/event': {} } }),
  },
  { input: 'an event that is no object', check: 'logout_event', token: () => signed({ events: { [EVENT]: true } }) },
  {
    input: 'neither a subject nor a session',
    check: 'logout_subject',
    token: () => signed({ sub: undefined, sid: undefined }),
  },
  { input: 'no id', check: 'claim_missing', token: () => signed({ jti: undefined }) },
  { input: 'no expiry', check: 'claim_missing', token: () => signed({ exp: undefined }) },
  { input: 'expired', check: 'expired', token: () => signed({ iat: nowSeconds() - 100, exp: nowSeconds() - 60 }) },
  { input: 'older than two minutes', check: 'issued_long_ago', token: () => signed({ iat: nowSeconds() - 600 }) },
  {
    input: 'issued an hour ahead',
    check: 'issued_ahead',
    token: () => signed({ iat: nowSeconds() + 3_600, exp: nowSeconds() + 3_700 }),
  },
];

describe('hostile logout tokens', () => {
  it('the control says whose sessions end', async () => {
    expect(await verify(await signed())).toEqual({ issuer: issuer.issuer, subject: '17', providerSession: 's1' });
    expect(await verify(await signed({ sub: undefined }))).toMatchObject({ subject: null, providerSession: 's1' });
  });

  it.each(CASES)('$input: $check', async ({ token, check }) => {
    expect(await outcome(await token())).toBe(check);
  });

  it('are taken once, of two at the same time as well', async () => {
    const [store, token] = [new OneTimeMemory(), await signed()];
    const both = await Promise.all([outcome(token, store), outcome(token, store)]);
    expect(new Set(both)).toEqual(new Set(['17', 'logout_replayed']));
    expect(await outcome(token, store)).toBe('logout_replayed');
  });

  it('that are refused do not use up the id of a good one', async () => {
    const [store, claims] = [new OneTimeMemory(), goodClaims()];
    expect(await outcome(await issuer.sign(claims, { key: foreign, header: HEADER }), store)).toBe('signature');
    expect(await outcome(await issuer.sign(claims, { header: HEADER }), store)).toBe('17');
  });

  it('docs/sign-in-hostile-cases.md has the table of them', () => {
    const table = caseTable([...CASES, { input: 'the same token a second time', check: 'logout_replayed' }]);
    process.stdout.write(`${table}\n${CASES.length + 1} hostile logout tokens refused\n`);
    expect(documentedTable('OpenID Connect: logout tokens')).toBe(table);
  });
});
