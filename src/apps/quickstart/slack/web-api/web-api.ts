import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Fault, Faults } from '../faults.js';
import { readBody } from '../http-body.js';
import { RateRefusal, SlackRefusal } from '../refusal.js';
import { isMethod, type MethodName } from './arguments.js';
import { type MethodParts, METHODS } from './methods.js';
import type { Rates } from './rates.js';

/** One call of a method, as it was answered. */
export interface ApiCallNote {
  readonly method: string;
  readonly atMs: number;
  readonly given: Readonly<Record<string, unknown>>;
  /** `ok`, or the code of the refusal or fault. */
  readonly outcome: string;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

const BODY_BYTES_MAX = 1024 * 1024;
/** Refusals that come of what else happens in the workspace, not of how the app calls. */
const OF_CIRCUMSTANCES = new Set([
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'user_not_found',
  'user_not_in_channel',
  'thread_not_found',
  'message_not_found',
  'missing_scope',
]);
const VIOLATION_OF_CODE: Readonly<Record<string, 'blocks' | 'token' | 'arguments' | null>> = {
  invalid_blocks: 'blocks',
  msg_blocks_too_long: 'blocks',
  msg_too_long: 'blocks',
  no_text: 'blocks',
  not_authed: 'token',
  invalid_auth: 'token',
  not_allowed_token_type: 'token',
  cant_update_message: null, // noted where it is found, as are triggers
  invalid_trigger_id: null,
  exchanged_trigger_id: null,
  expired_trigger_id: null,
};

/** The Web API: takes a call, lets faults happen, checks it, does it, and answers as Slack does. */
export class WebApi {
  readonly calls: ApiCallNote[] = [];

  readonly #parts: MethodParts;
  readonly #faults: Faults;
  readonly #rates: Rates;

  constructor(parts: MethodParts, faults: Faults, rates: Rates) {
    this.#parts = parts;
    this.#faults = faults;
    this.#rates = rates;
  }

  async serve(method: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const given = givenIn(request, await readBody(request, BODY_BYTES_MAX));
    const fault = this.#faults.take(method);
    if (fault?.kind === 'slow') await delay(fault.ms);
    const happensFirst = fault !== undefined && fault.kind !== 'slow' && !('isStored' in fault && fault.isStored);
    const answer = happensFirst ? undefined : this.#answer(method, request, given);
    this.#note(method, given, fault === undefined || fault.kind === 'slow' ? outcomeOf(answer) : `fault ${fault.kind}`);
    if (fault !== undefined && fault.kind !== 'slow') this.#fail(fault, method, given, response);
    else if (answer !== undefined) send(response, answer);
  }

  #answer(method: string, request: IncomingMessage, given: Readonly<Record<string, unknown>>): Answer {
    try {
      if (!isMethod(method)) throw new SlackRefusal('unknown_method', [method]);
      this.#expectToken(method, request);
      this.#rates.count(method, channelOf(given));
      return { status: 200, body: { ok: true, ...METHODS[method](this.#parts, given) } };
    } catch (error) {
      return this.#refusal(method, error);
    }
  }

  #refusal(method: string, error: unknown): Answer {
    if (error instanceof RateRefusal) return tooMany(error.retryAfterSeconds);
    if (!(error instanceof SlackRefusal)) throw error;
    const { code, details } = error;
    const kind = VIOLATION_OF_CODE[code];
    if (kind !== null && !OF_CIRCUMSTANCES.has(code))
      this.#parts.workspace.violations.note(kind ?? 'arguments', `${method}: ${error.message}`);
    return {
      status: 200,
      body: { ok: false, error: code, ...(details.length === 0 ? {} : { response_metadata: { messages: details } }) },
    };
  }

  #expectToken(method: MethodName, { headers }: IncomingMessage): void {
    const { botToken, appToken } = this.#parts.workspace.parts;
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
    if (token === undefined) throw new SlackRefusal('not_authed');
    if (token !== botToken && token !== appToken) throw new SlackRefusal('invalid_auth');
    if (token !== (method === 'apps.connections.open' ? appToken : botToken))
      throw new SlackRefusal('not_allowed_token_type');
  }

  #fail(fault: Fault, method: string, given: Readonly<Record<string, unknown>>, response: ServerResponse): void {
    switch (fault.kind) {
      case 'refuse':
        return send(response, { status: 200, body: { ok: false, error: fault.code } });
      case 'rate':
        try {
          return this.#rates.close(method, channelOf(given), fault.retryAfterSeconds);
        } catch {
          return send(response, tooMany(fault.retryAfterSeconds));
        }
      case 'status':
        return send(response, { status: fault.status, body: { ok: false, error: 'internal_error' } });
      case 'silence':
        return;
      case 'cut':
        response.destroy();
        return;
      case 'slow':
        return;
    }
  }

  #note(method: string, given: Readonly<Record<string, unknown>>, outcome: string): void {
    this.calls.push({ method, atMs: this.#parts.workspace.parts.nowMs(), given, outcome });
  }
}

const object = z.record(z.string(), z.unknown());

/** The arguments, by the encoding that the call says. */
function givenIn({ headers }: IncomingMessage, body: Buffer): Readonly<Record<string, unknown>> {
  const text = body.toString('utf8');
  const type = headers['content-type'] ?? '';
  if (type.startsWith('application/json')) return object.parse(JSON.parse(text === '' ? '{}' : text));
  return Object.fromEntries(new URLSearchParams(text));
}

function channelOf({ channel }: Readonly<Record<string, unknown>>): string | undefined {
  return typeof channel === 'string' ? channel : undefined;
}

function outcomeOf(answer: Answer | undefined): string {
  const { ok, error } = answer?.body ?? {};
  return ok === true ? 'ok' : String(error);
}

function tooMany(seconds: number): Answer {
  return { status: 429, headers: { 'retry-after': String(seconds) }, body: { ok: false, error: 'ratelimited' } };
}

function send(response: ServerResponse, { status, headers = {}, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(body));
}
