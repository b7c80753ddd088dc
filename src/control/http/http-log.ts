import type { IncomingMessage } from 'node:http';
import type { Params } from 'nestjs-pino';
import type { Logger } from 'pino';
import { requestIdOf } from './request-id.js';

/** What follows lets somebody in. */
const SECRET_PATH = /(\/auth\/link\/).*/i; // anywhere: a request may name its host before the path
/** Paths that are asked all the time and say nothing. */
const QUIET = /^\/(health|metrics)\b/;

/** One line for each request: what was called, by its path alone, and how it ended. Headers and bodies stay out. */
export function httpLogParams(log: Logger): Params {
  return {
    pinoHttp: {
      logger: log,
      genReqId: requestIdOf,
      autoLogging: { ignore: ({ url = '' }: IncomingMessage) => QUIET.test(url) },
      wrapSerializers: false,
      serializers: {
        req: (request: IncomingMessage) => ({
          id: requestIdOf(request),
          method: request.method,
          path: pathOf(request),
        }),
        res: ({ statusCode }: { readonly statusCode: number }) => ({ statusCode }),
      },
      customSuccessMessage: () => 'request',
      customErrorMessage: () => 'request',
      // What failed has told why; the error that pino-http makes up of a status says nothing.
      customErrorObject: (_request: IncomingMessage, _response: unknown, _error: Error, fields: object) => ({
        ...fields,
        err: undefined,
      }),
    },
  };
}

/** Express cuts `url` while it looks for the route; the query may hold what somebody searched for. */
function pathOf(request: IncomingMessage & { readonly originalUrl?: string }): string {
  const path = (request.originalUrl ?? request.url ?? '').split('?', 1).join('');
  return path.replace(SECRET_PATH, '$1…');
}
