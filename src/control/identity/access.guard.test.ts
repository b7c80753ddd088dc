import 'reflect-metadata';
import { Controller, Get, type INestApplication, Module } from '@nestjs/common';
import { NestFactory, Reflector } from '@nestjs/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../../kernel/clock.js';
import { ApiKeyRepository } from '../../persistence/identity/api-key.repository.js';
import { createStateSource } from '../../persistence/state/data-source.js';
import { Public, RequirePermission } from '../http/access.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { AccessGuard } from './access.guard.js';
import { makeApiKey } from './api-key.js';
import { Authenticator } from './authenticator.js';
import { CallerCache } from './caller-cache.js';
import { KeyUsage } from './key-usage.js';

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
}

@Module({ controllers: [Routes] })
class RoutesModule {}

let app: INestApplication;
let usage: KeyUsage;

beforeAll(async () => {
  const keys = new ApiKeyRepository(createStateSource('mysql://nobody:x@127.0.0.1:1/none')); // never connected
  usage = new KeyUsage(keys, systemClock);
  app = await NestFactory.create(RoutesModule, { logger: false });
  app.useGlobalGuards(new AccessGuard(new Reflector(), new Authenticator(keys, new CallerCache(), usage, systemClock)));
  app.useGlobalFilters(new ProblemFilter());
  await app.listen(0, '127.0.0.1');
});
afterAll(async () => {
  await app.close();
  await usage.onApplicationShutdown();
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

async function call(path: string, authorization?: string): Promise<{ status: number; code?: string }> {
  const headers = authorization === undefined ? {} : { authorization };
  const response = await fetch(`${await app.getUrl()}/${path}`, { headers });
  if (response.ok) return { status: response.status };
  const { code } = z.object({ code: z.string() }).parse(await response.json());
  return { status: response.status, code };
}
