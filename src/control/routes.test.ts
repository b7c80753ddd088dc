import 'reflect-metadata';
import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, MODULE_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { describe, expect, it } from 'vitest';
import { PERMISSIONS, ROLE_PERMISSIONS } from '../domain/principal.js';
import { API_FEATURES, ApiModule } from './api.module.js';
import { ROUTE_ACCESS, type RouteAccess } from './http/access.js';
import { ALLOWANCES, isAllowance } from './limits/allowances.js';
import { ROUTE_ALLOWANCE } from './limits/counts-as.js';

interface Route {
  readonly name: string;
  readonly access: RouteAccess | undefined;
  /** What its calls count as. */
  readonly allowance: string | undefined;
}

const ROUTES = [ApiModule, ...API_FEATURES].flatMap(controllersOf).flatMap(routesOf);

describe('every route', () => {
  it('is found', () => {
    expect(ROUTES.length).toBeGreaterThan(20);
  });

  it.each(ROUTES)('$name says who may call it', ({ access }) => {
    expect(access).toBeDefined();
  });
});

describe('the public routes', () => {
  it('are the entrance, those of operations and the explanation of errors, and no other', () => {
    const open = ROUTES.filter(({ access }) => access !== undefined && 'public' in access);
    expect(open.map(({ name }) => name).sort()).toEqual([
      'GET /',
      'GET /docs/errors',
      'GET /health/live',
      'GET /health/ready',
      'GET /metrics',
    ]);
  });
});

describe('the limits', () => {
  it.each(ROUTES)('$name says what its calls count as', ({ allowance }) => {
    expect(allowance).toBeDefined();
  });

  it('of addresses are those of routes without a key, and those of principals belong to the others', () => {
    for (const { name, access, allowance = '' } of ROUTES) {
      const owner = isAllowance(allowance) ? ALLOWANCES[allowance].of : 'address';
      const isPublic = access !== undefined && 'public' in access;
      expect(owner === 'address', name).toBe(isPublic);
    }
  });

  it('that are more than that of all calls stand where a call costs more than others', () => {
    const special = ROUTES.filter(({ allowance = '' }) => !['calls', 'pages', 'nothing'].includes(allowance));
    expect(special.map(({ name, allowance }) => `${name}: ${allowance}`).sort()).toEqual([
      'GET /v1/recordings/:grantId/entries: entries',
      'POST /v1/approvals/:id/decisions: decisions',
      'POST /v1/grants: grants',
      'POST /v1/policies/try: tries',
    ]);
  });

  it('hold for everything but probes and metrics', () => {
    const uncounted = ROUTES.filter(({ allowance }) => allowance === 'nothing');
    expect(uncounted.map(({ name }) => name).sort()).toEqual(['GET /health/live', 'GET /health/ready', 'GET /metrics']);
  });
});

describe('an agent', () => {
  const allowed = new Set<string>(ROLE_PERMISSIONS.agent);

  it('reaches nothing that changes principals, targets or the grants of others', () => {
    const reached = ROUTES.filter(({ access }) => access && 'permission' in access && allowed.has(access.permission));
    expect(reached.map(({ name }) => name).sort()).toEqual([
      'GET /v1/approvals',
      'GET /v1/approvals/:id',
      'GET /v1/approvals/counts',
      'GET /v1/approvals/events',
      'GET /v1/grants',
      'GET /v1/grants/:id',
      'GET /v1/keys',
      'GET /v1/targets',
      'GET /v1/targets/:name',
      'POST /v1/grants',
      'POST /v1/grants/:id/close',
      'POST /v1/grants/:id/connection',
    ]);
  });
});

it('every permission of the table is known', () => {
  for (const { access } of ROUTES) {
    if (access && 'permission' in access) expect(PERMISSIONS).toContain(access.permission);
  }
});

function controllersOf(module: object): readonly Function[] {
  return metadataOf(MODULE_METADATA.CONTROLLERS, module, isFunctions) ?? [];
}

function routesOf(controller: Function): readonly Route[] {
  const prefix = metadataOf(PATH_METADATA, controller, isText) ?? '';
  const handlers = Object.getOwnPropertyNames(controller.prototype).map((name) => controller.prototype[name]);
  return handlers.flatMap((handler: object) => {
    const path = metadataOf(PATH_METADATA, handler, isText);
    const method = metadataOf(METHOD_METADATA, handler, isNumber);
    if (path === undefined || method === undefined) return [];
    const full = [prefix, path].map((part) => part.replace(/^\/|\/$/g, '')).filter((part) => part !== '');
    const access = metadataOf(ROUTE_ACCESS, handler, (value): value is RouteAccess => typeof value === 'object');
    const allowance = metadataOf(ROUTE_ALLOWANCE, handler, isText) ?? metadataOf(ROUTE_ALLOWANCE, controller, isText);
    return [{ name: `${RequestMethod[method]} /${full.join('/')}`, access, allowance }];
  });
}

function metadataOf<T>(key: string, target: object, is: (value: unknown) => value is T): T | undefined {
  const value: unknown = Reflect.getMetadata(key, target);
  return is(value) ? value : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isNumber(value: unknown): value is RequestMethod {
  return typeof value === 'number';
}

function isFunctions(value: unknown): value is readonly Function[] {
  return Array.isArray(value);
}
