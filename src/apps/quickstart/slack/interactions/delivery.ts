import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { Connections } from '../socket-mode/connections.js';
import type { Workspace } from '../workspace/workspace.js';

const ACKNOWLEDGED_MS_MAX = 3_000;
/** How long it waits to learn what a late answer would have been. */
const WAIT_MS_MAX = 15_000;

/** Where the app wants to be called. */
export type DeliveryWay =
  | { readonly kind: 'http'; readonly interactivity: string; readonly commands: string }
  | { readonly kind: 'socket' };

/** One signed call as its bytes went out; it can be sent again as it is. */
export interface SignedCall {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What came back for one interaction. */
export interface Acknowledgement {
  /** HTTP status; 200 for an acknowledged envelope; 0 for none at all. */
  readonly status: number;
  /** The body, parsed where it is JSON; null where it is empty. */
  readonly body: unknown;
  readonly ms: number;
  /** What was sent, if it went over HTTP. */
  readonly call: SignedCall | null;
}

/** Ways to make a signed call one that must be refused. */
export interface Tampering {
  /** Seconds that the timestamp differs from now. */
  readonly timestampShiftSeconds?: number;
  readonly secret?: string;
  /** Changes the body after it was signed. */
  readonly changeBody?: (body: string) => string;
  /** Changes the form before it is signed: the order of its fields, one more field. */
  readonly changeForm?: (form: URLSearchParams) => URLSearchParams;
  /** Changes the headers after all else. */
  readonly changeHeaders?: (headers: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;
}

/** Takes interactions to the app, signed or over Socket Mode, and holds it to three seconds. */
export class Delivery {
  way: DeliveryWay = { kind: 'socket' };

  readonly #workspace: Workspace;
  readonly #connections: Connections;

  constructor(workspace: Workspace, connections: Connections) {
    this.#workspace = workspace;
    this.#connections = connections;
  }

  async interaction(payload: object, tampering: Tampering = {}): Promise<Acknowledgement> {
    if (this.way.kind === 'socket') return this.#bySocket('interactive', payload);
    const form = new URLSearchParams({ payload: JSON.stringify(payload) });
    return this.send(this.signed(this.way.interactivity, form, tampering));
  }

  async command(fields: Readonly<Record<string, string>>, tampering: Tampering = {}): Promise<Acknowledgement> {
    if (this.way.kind === 'socket') return this.#bySocket('slash_commands', fields);
    return this.send(this.signed(this.way.commands, new URLSearchParams(fields), tampering));
  }

  /** https://docs.slack.dev/authentication/verifying-requests-from-slack */
  signed(url: string, form: URLSearchParams, tampering: Tampering = {}): SignedCall {
    const { signingSecret, nowMs } = this.#workspace.parts;
    const seconds = Math.floor(nowMs() / 1000) + (tampering.timestampShiftSeconds ?? 0);
    const body = (tampering.changeForm?.(form) ?? form).toString();
    const secret = tampering.secret ?? signingSecret;
    const signature = createHmac('sha256', secret).update(`v0:${seconds}:${body}`).digest('hex');
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': String(seconds),
      'x-slack-signature': `v0=${signature}`,
    };
    return {
      url,
      headers: tampering.changeHeaders?.(headers) ?? headers,
      body: tampering.changeBody?.(body) ?? body,
    };
  }

  /** Sends these bytes, once or again. */
  async send(call: SignedCall): Promise<Acknowledgement> {
    const sentMs = performance.now();
    try {
      const answer = await fetch(call.url, {
        method: 'POST',
        headers: call.headers,
        body: call.body,
        redirect: 'manual',
        signal: AbortSignal.timeout(WAIT_MS_MAX),
      });
      const text = await answer.text();
      const ms = performance.now() - sentMs;
      if (ms > ACKNOWLEDGED_MS_MAX) this.#late(`acknowledged after ${Math.round(ms)} ms`);
      return { status: answer.status, body: bodyOf(text), ms, call };
    } catch (error) {
      this.#late(`not acknowledged: ${error instanceof Error ? error.message : String(error)}`);
      return { status: 0, body: null, ms: performance.now() - sentMs, call };
    }
  }

  async #bySocket(type: 'interactive' | 'slash_commands', payload: object): Promise<Acknowledgement> {
    const found = await this.#connections.deliver(type, payload);
    if (found === undefined) return { status: 0, body: null, ms: ACKNOWLEDGED_MS_MAX, call: null };
    const empty = emptyPayload.safeParse(found.payload).success;
    return { status: 200, body: empty ? null : found.payload, ms: found.ms, call: null };
  }

  #late(what: string): void {
    this.#workspace.violations.note('acknowledgement', what);
  }
}

/** The SDK sends an empty object where there is nothing to say. */
const emptyPayload = z.union([z.undefined(), z.null(), z.strictObject({})]);

function bodyOf(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
