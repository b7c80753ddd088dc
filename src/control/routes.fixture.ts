import 'reflect-metadata';
import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, MODULE_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { API_FEATURES, ApiModule } from './api.module.js';
import { ROUTE_ACCESS, type RouteAccess } from './http/access.js';
import { ROUTE_ALLOWANCE } from './limits/counts-as.js';

/** A route as its controller declares it. */
export interface Route {
  /** `GET /v1/grants/:id` */
  readonly name: string;
  readonly access: RouteAccess | undefined;
  /** What its calls count as. */
  readonly allowance: string | undefined;
}

/** All routes of the api. */
export const ROUTES: readonly Route[] = [ApiModule, ...API_FEATURES].flatMap(controllersOf).flatMap(routesOf);

function controllersOf(module: object): readonly Function[] {
  return metadataOf(MODULE_METADATA.CONTROLLERS, module, isFunctions) ?? [];
}

function routesOf(controller: Function): readonly Route[] {
  const prefix = metadataOf(PATH_METADATA, controller, isText) ?? '';
  const handlers = Object.getOwnPropertyNames(controller.prototype).map((name) => controller.prototype[name]);
  return handlers.flatMap((handler: object) => {
    const paths = metadataOf(PATH_METADATA, handler, isTexts) ?? [metadataOf(PATH_METADATA, handler, isText)];
    const method = metadataOf(METHOD_METADATA, handler, isNumber);
    const access = metadataOf(ROUTE_ACCESS, handler, (value): value is RouteAccess => typeof value === 'object');
    const allowance = metadataOf(ROUTE_ALLOWANCE, handler, isText) ?? metadataOf(ROUTE_ALLOWANCE, controller, isText);
    return paths.flatMap((path) => {
      if (path === undefined || method === undefined) return [];
      const full = [prefix, path].map((part) => part.replace(/^\/|\/$/g, '')).filter((part) => part !== '');
      return [{ name: `${RequestMethod[method]} /${full.join('/')}`, access, allowance }];
    });
  });
}

function metadataOf<T>(key: string, target: object, is: (value: unknown) => value is T): T | undefined {
  const value: unknown = Reflect.getMetadata(key, target);
  return is(value) ? value : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}

function isNumber(value: unknown): value is RequestMethod {
  return typeof value === 'number';
}

function isFunctions(value: unknown): value is readonly Function[] {
  return Array.isArray(value);
}
