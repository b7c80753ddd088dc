import type { Request } from 'express';
import { z } from 'zod';

/** What of express's routing table is read here: which path a layer fits, and for which methods it has a route. */
const routingTable = z.object({
  stack: z.array(
    z.looseObject({
      match: z.custom<(path: string) => boolean>((value) => typeof value === 'function'),
      route: z.object({ methods: z.record(z.string(), z.unknown()) }).optional(),
    }),
  ),
});

/** The methods for which there is a route at the request's path, in upper case and sorted; none: there is no such path. */
export function allowedMethods(request: Request): readonly string[] {
  const stack: unknown = Reflect.get(Object(Reflect.get(request.app, 'router')), 'stack'); // the router is a function
  const table = routingTable.safeParse({ stack });
  if (!table.success) return [];
  const methods = table.data.stack.flatMap((layer) =>
    layer.route !== undefined && layer.match(request.path) ? Object.keys(layer.route.methods) : [],
  );
  const named = methods.map((method) => method.toUpperCase());
  return [...new Set(named.includes('GET') ? [...named, 'HEAD'] : named)].toSorted();
}
