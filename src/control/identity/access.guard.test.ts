import 'reflect-metadata';
import { Controller, Get, Post, type INestApplication, Module } from '@nestjs/common';
import { NestFactory, Reflector } from '@nestjs/core';
import type { Redis } from 'ioredis';
import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadApiConfig } from '../../config/api.js';
import { systemClock } from '../../kernel/clock.js';
import { ApiKeyRepository } from '../../persistence/identity/api-key.repository.js';
import { ValueSigner } from '../../messaging/value-signer.js';
import { connectForCommands } from '../../messaging/redis.js';
import { IdentityProviderRepository } from '../../persistence/identity/identity-provider.repository.js';
import { PrincipalRepository } from '../../persistence/identity/principal.repository.js';
import { createStateSource, type StateSource } from '../../persistence/state/data-source.js';
import { Public, RequirePermission } from '../http/access.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { localFailureLimit } from '../limits/failure-limit.fixture.js';
import { AccessGuard } from './access.guard.js';
import { makeApiKey } from './api-key.js';
import { Authenticator } from './authenticator.js';
import { CallerCache } from './caller-cache.js';
import { PeopleProviders } from '../sign-in/providers/people-providers.js';
import { SESSION_COOKIE } from '../sign-in/browser/cookies.js';
import { PublicAddress } from '../sign-in/browser/public-address.js';
import { Sessions } from '../sign-in/sessions/sessions.js';
import { newSecret } from '../sign-in/sessions/stored-session.js';
import { IssuerPool } from '../../idp/issuer/issuer-pool.js';
import { IdentityMappingRepository } from '../../persistence/identity/identity-mapping.repository.js';
import { IdentityRepository } from '../../persistence/identity/identity.repository.js';
import { PersonRepository } from '../../persistence/identity/person.repository.js';
import { AdminRecordRepository } from '../../persistence/record/admin-record.repository.js';
import { AdminRecord } from '../record/admin-record.js';
import { MappedPrincipals } from '../providers/mapped-principals.js';
import { MappedRoles } from '../providers/mapped-roles.js';
import { ProviderCache } from '../providers/provider-cache.js';
import { TokenCallers } from '../providers/token-callers.js';
import { KeyCallers } from './key-callers.js';
import { KeyUsage } from './key-usage.js';
import { SessionCallers } from './session-callers.js';

@Controller()
class Routes {
  @Get('undeclared')
  undeclared(): string {
    return 'open';
  }

  @Get('public')
  @Public()
  public(): string {
    return 'open';
  }

  @Get('guarded')
  @RequirePermission('grant.read')
  guarded(): string {
    return 'open';
  }

  @Post('guarded')
  @RequirePermission('grant.read')
  change(): string {
    return 'changed';
  }
}

@Module({ controllers: [Routes] })
class RoutesModule {}

let app: INestApplication;
let usage: KeyUsage;
let redis: Redis;
const ORIGIN = 'http://127.0.0.1:8080';
const SETTINGS = { DATABASE_URL: 'mysql://nobody:x@127.0.0.1:1/none', REDIS_URL: 'redis://127.0.0.1:1' };

beforeAll(async () => {
  const source = createStateSource('mysql://nobody:x@127.0.0.1:1/none'); // never connected
  const keys = new ApiKeyRepository(source);
  usage = new KeyUsage(keys, systemClock);
  app = await NestFactory.create(RoutesModule, { logger: false });
  const address = new PublicAddress({ ...loadApiConfig(SETTINGS), PUBLIC_URL: ORIGIN });
  const authenticator = new Authenticator(
    new KeyCallers(keys, new CallerCache(), usage, systemClock),
    sessionCallersOf(source),
    tokenCallersOf(source),
  );
  app.useGlobalGuards(new AccessGuard(new Reflector(), authenticator, address, localFailureLimit()));
  app.useGlobalFilters(new ProblemFilter());
  await app.listen(0, '127.0.0.1');
});
afterAll(async () => {
  await app.close();
  await usage.onApplicationShutdown();
  redis.disconnect();
});

it('lets everybody into a public route', async () => {
  expect(await call('public')).toMatchObject({ status: 200 });
});

it('closes a route that does not say who may call it, with and without a key', async () => {
  expect(await call('undeclared')).toEqual({ status: 403, code: 'forbidden' });
  expect(await call('undeclared', `Bearer ${makeApiKey().key}`)).toEqual({ status: 403, code: 'forbidden' });
});

it.each([undefined, 'Bearer', 'Bearer x', 'Basic eDp5', `Bearer dw_aaaaaaaa_${'x'.repeat(42)}`])(
  'refuses %j without asking the database',
  async (authorization) => {
    expect(await call('guarded', authorization)).toEqual({ status: 401, code: 'unauthenticated' });
  },
);

it('lets nobody in when it cannot ask the database', async () => {
  const { status } = await call('guarded', `Bearer ${makeApiKey().key}`);
  expect(status).toBeGreaterThanOrEqual(500);
});

it('takes a key or a session, never both', async () => {
  const headers = { cookie: `${SESSION_COOKIE}=${newSecret()}`, authorization: `Bearer ${makeApiKey().key}` };
  expect(await send('GET', headers)).toEqual({ status: 400, code: 'credentials_ambiguous' });
});

it.each(['', 'short', `${newSecret()}x`, `${newSecret()}; ${SESSION_COOKIE}=${newSecret()}`])(
  'refuses the session %j without asking Redis',
  async (value) => {
    expect(await send('GET', { cookie: `${SESSION_COOKIE}=${value}` })).toEqual({ status: 401, code: 'session_ended' });
  },
);

it('lets no session in when it cannot ask Redis', async () => {
  const cookie = `${SESSION_COOKIE}=${newSecret()}`;
  expect(await send('GET', { cookie })).toEqual({ status: 503, code: 'queue_unavailable' });
});

describe('a change that comes with a session', () => {
  const here = { 'sec-fetch-site': 'same-origin', 'x-doorwarden': '1' };

  it.each([
    ['from another site', { ...here, 'sec-fetch-site': 'cross-site' }],
    ['from a sibling host', { ...here, 'sec-fetch-site': 'same-site' }],
    ['from nowhere', { ...here, 'sec-fetch-site': 'none' }],
    ['from a browser that does not say from where', { 'x-doorwarden': '1' }],
    ['from an older browser at another origin', { 'x-doorwarden': '1', origin: 'http://localhost:8080' }],
    ['from an older browser without an origin', { 'x-doorwarden': '1', origin: 'null' }],
    ['from another site whose Origin is ours', { ...here, 'sec-fetch-site': 'cross-site', origin: ORIGIN }],
    ['without the header of our pages', { 'sec-fetch-site': 'same-origin' }],
    ['with another value of that header', { ...here, 'x-doorwarden': 'true' }],
  ])('%s is refused before anybody is looked up', async (_, headers) => {
    const cookie = `${SESSION_COOKIE}=${newSecret()}`;
    expect(await send('POST', { ...headers, cookie })).toEqual({ status: 403, code: 'cross_site_refused' });
  });

  it.each([
    ['text/plain', '{}'],
    ['application/x-www-form-urlencoded', 'a=b'],
    ['multipart/form-data; boundary=x', '--x--'],
    ['text/application/json', '{}'],
  ])('with a body of the type %s is refused', async (type, body) => {
    const headers = { ...here, cookie: `${SESSION_COOKIE}=${newSecret()}`, 'content-type': type };
    expect(await send('POST', headers, body)).toEqual({ status: 403, code: 'cross_site_refused' });
  });

  it.each([
    [here, undefined],
    [{ 'x-doorwarden': '1', origin: ORIGIN }, undefined],
    [{ ...here, 'content-type': 'application/json; charset=utf-8' }, '{}'],
  ])('from our page gets to the session: %o', async (headers, body) => {
    const cookie = `${SESSION_COOKIE}=${newSecret()}`;
    expect(await send('POST', { ...headers, cookie }, body)).toMatchObject({ code: 'queue_unavailable' });
  });
});

function sessionCallersOf(source: StateSource): SessionCallers {
  redis = connectForCommands('redis://127.0.0.1:1', { warn: () => undefined }); // never connected
  const limits = { idleMs: 60_000, absoluteMs: 60_000 };
  return new SessionCallers(
    new Sessions({ redis, prefix: 'test', limits, clock: systemClock, signer: new ValueSigner(Buffer.alloc(32)) }),
    new PrincipalRepository(source),
    new MappedRoles(mappedOf(source)),
    new PeopleProviders(new IdentityProviderRepository(source), systemClock),
    new CallerCache(),
    systemClock,
  );
}

function providerCacheOf(source: StateSource): ProviderCache {
  return new ProviderCache(new IdentityProviderRepository(source), new IdentityMappingRepository(source), systemClock);
}

function mappedOf(source: StateSource): MappedPrincipals {
  return new MappedPrincipals(
    providerCacheOf(source),
    new IdentityRepository(source),
    new PersonRepository(source),
    new AdminRecord(new AdminRecordRepository(source)),
    systemClock,
  );
}

function tokenCallersOf(source: StateSource): TokenCallers {
  return new TokenCallers({
    cache: providerCacheOf(source),
    issuers: new IssuerPool({ clock: systemClock }),
    mapped: mappedOf(source),
    callers: new CallerCache(),
    record: new AdminRecord(new AdminRecordRepository(source)),
    clock: systemClock,
  });
}

async function call(path: string, authorization?: string): Promise<{ status: number; code?: string }> {
  const headers = authorization === undefined ? {} : { authorization };
  return answerOf(await fetch(`${await app.getUrl()}/${path}`, { headers }));
}

/** Not by fetch, which keeps the headers of browsers to itself. */
async function send(method: string, headers: Readonly<Record<string, string>>, body?: string) {
  const { hostname, port } = new URL(await app.getUrl());
  const answer = Promise.withResolvers<{ status: number; code?: string }>();
  const request = httpRequest({ hostname, port, path: '/guarded', method, headers }, (response) => {
    void text(response).then((body) =>
      answer.resolve(answerOf(new Response(body, { status: response.statusCode ?? 0 }))),
    );
  });
  request.on('error', answer.reject);
  request.end(body);
  return answer.promise;
}

async function answerOf(response: Response): Promise<{ status: number; code?: string }> {
  if (response.ok) return { status: response.status };
  const { code } = z.object({ code: z.string() }).parse(await response.json());
  return { status: response.status, code };
}
