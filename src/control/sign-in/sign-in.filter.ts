import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { BrokerError } from '../../kernel/errors.js';
import type { ErrorCode } from '../../kernel/errors/error-table.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { requestIdOf } from '../http/request-id.js';
import { FailureLimit } from '../limits/failure-limit.js';
import { AdminRecord } from '../record/admin-record.js';
import { isPartOfPage } from './browser/navigation.js';
import { sendPage } from './pages/page.js';
import { refusedPage } from './pages/refused-page.js';

/** What a sign-in ends with that somebody has tried: these are recorded, and counted for their address. */
const FAILURES: readonly ErrorCode[] = [
  'signin_refused',
  'signin_not_started_here',
  'signin_expired',
  'signin_not_mapped',
  'signin_name_taken',
  'signin_principal_disabled',
  'link_invalid',
];
const PROVIDER_PATH = /^\/auth\/(?:oidc|saml)\/([a-z0-9-]{1,32})(?:\/|$)/;

/**
 * The last edge of signing in: a person gets a page with a plain sentence and a short code, a program the same as a problem.
 * What nobody foresaw is a refused sign-in too, and never tells a library's own text.
 */
@Catch()
export class SignInFilter implements ExceptionFilter {
  readonly #log = new Logger('SignIn');
  readonly #problems = new ProblemFilter();

  constructor(
    private readonly record: AdminRecord,
    private readonly failures: FailureLimit,
  ) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const error = this.#errorOf(exception, request);
    const { code, fields } = error;
    this.#log.warn(
      { code, check: fields['check'], requestId: requestIdOf(request), address: request.ip },
      'a sign-in was refused',
    );
    if (FAILURES.includes(code)) void this.#note(error, request);
    if (response.headersSent || request.accepts(['json', 'html']) !== 'html') {
      this.#problems.answer(error, host);
      return;
    }
    if (error.row.httpStatus === 503) response.setHeader('Retry-After', '1');
    sendPage(response, refusedPage(error, requestIdOf(request)));
  }

  #errorOf(exception: unknown, request: Request): BrokerError {
    if (exception instanceof BrokerError && exception.code !== 'internal') return exception;
    if (exception instanceof HttpException && exception.getStatus() < 500) {
      return new BrokerError('signin_refused', { fields: { check: 'request_malformed' }, cause: exception });
    }
    this.#log.error({ err: exception, requestId: requestIdOf(request) }, 'a sign-in failed in a way nobody foresaw');
    return new BrokerError('signin_refused', { fields: { check: 'unforeseen' }, cause: exception });
  }

  /** Nothing came of the sign-in, so that its answer does not wait for the record. */
  async #note({ code, fields }: BrokerError, request: Request): Promise<void> {
    const provider = PROVIDER_PATH.exec(request.path)?.[1];
    try {
      if (!isPartOfPage(request)) await this.failures.signInFailed(request);
      await this.record.noteRefusal({
        act: 'sign-in.refused',
        by: { name: null, signIn: provider === undefined ? null : `session:${provider}` },
        subject: provider === undefined ? { kind: 'session', name: 'none' } : { kind: 'provider', name: provider },
        code: typeof fields['check'] === 'string' ? fields['check'] : code,
      });
    } catch (error) {
      this.#log.error({ err: error, requestId: requestIdOf(request) }, 'a refused sign-in could not be recorded');
    }
  }
}
