import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { ProblemView } from '../../contracts/problem.js';
import { BrokerError } from '../../kernel/errors.js';
import { challengeOf } from './challenge.js';
import { allowedMethods, type CallName } from './allowed-methods.js';
import { requestIdOf } from './request-id.js';

/** The last edge: whatever went wrong leaves as problem details, with nothing in it that only the broker may know. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log = new Logger('Problem');
  readonly #calls: readonly CallName[];

  /** @param calls what the process serves, to tell a wrong method from a wrong path; without them every path is unknown */
  constructor(calls: readonly CallName[] = []) {
    this.#calls = calls;
  }

  catch(exception: unknown, host: ArgumentsHost): void {
    this.answer(exception, host);
  }

  answer(exception: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const { error, allow } = this.#methodFault(request, brokerErrorOf(exception));
    const status = error.row.httpStatus;
    const requestId = requestIdOf(request);
    if (error.code === 'internal') this.#log.error({ err: exception, requestId }, error.code);
    else if (status >= 500) this.#log.warn({ err: exception, requestId }, error.code);
    if (response.headersSent) {
      response.destroy(); // half an answer is out: the broken connection says that the rest is missing
      return;
    }
    const challenge = challengeOf(request, response, error);
    if (challenge !== undefined) response.setHeader('WWW-Authenticate', challenge);
    if (status === 503) response.setHeader('Retry-After', '1');
    if (allow !== undefined) response.setHeader('Allow', allow.join(', '));
    response
      .status(status)
      .type('application/problem+json')
      .send(JSON.stringify(problemOf(error, pathOf(request), requestId)));
  }

  /** The router knows no route for either: a path that is there for other methods is not missing. */
  #methodFault(request: Request, error: BrokerError): { error: BrokerError; allow?: readonly string[] } {
    if (error.code !== 'route_not_found') return { error };
    const allow = allowedMethods(pathOf(request), this.#calls);
    if (allow === undefined || allow.includes(request.method)) return { error };
    return { error: new BrokerError('method_not_allowed'), allow };
  }
}

/** The problem document of an error. Its own fields never replace the standard ones. */
export function problemOf(error: BrokerError, instance: string, requestId: string): ProblemView {
  const { httpStatus, title, next } = error.row;
  const standard = {
    type: `/docs/errors#${error.code}`,
    title,
    status: httpStatus,
    code: error.code,
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    next,
    instance,
    requestId,
  };
  return { ...standard, ...error.fields, ...standard };
}

/** What the framework refuses by itself gets a code of the table too. */
function brokerErrorOf(exception: unknown): BrokerError {
  if (exception instanceof BrokerError) return exception;
  if (!(exception instanceof HttpException)) return new BrokerError('internal', { cause: exception });
  switch (exception.getStatus()) {
    case 400:
    case 415:
      return new BrokerError('request_invalid', { detail: 'The body or the address of the request is malformed.' });
    case 404:
      return new BrokerError('route_not_found');
    case 413:
      return new BrokerError('body_too_large');
    default:
      return new BrokerError('internal', { cause: exception });
  }
}

function pathOf(request: Request): string {
  return request.originalUrl.split('?', 1).join('');
}
