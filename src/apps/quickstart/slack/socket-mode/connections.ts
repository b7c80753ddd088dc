import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { z } from 'zod';
import type { Workspace } from '../workspace/workspace.js';
import { acceptUpgrade, WebSocketLine } from './web-socket.js';

const CONNECTIONS_MAX = 10;
const APPROXIMATE_SECONDS = 18_060;
const ACKNOWLEDGED_MS_MAX = 3_000;
const PING_EVERY_MS = 10_000;

/** What came back for an envelope. */
export interface EnvelopeAcknowledgement {
  readonly payload: unknown;
  readonly ms: number;
  /** Which connection acknowledged it, by the order in which they came. */
  readonly connection: number;
}

interface Connection {
  readonly number: number;
  readonly line: WebSocketLine;
  /** Whether it was told to reconnect: it gets no more envelopes. */
  isLeaving: boolean;
}

interface OpenEnvelope {
  readonly frame: Readonly<Record<string, unknown>>;
  readonly sentMs: number;
  on: Connection | undefined;
  readonly acknowledged: (acknowledgement: EnvelopeAcknowledgement) => void;
}

const acknowledgementFrame = z.strictObject({ envelope_id: z.string(), payload: z.unknown().optional() });

/** Socket Mode (https://docs.slack.dev/apis/events-api/using-socket-mode): each envelope goes to one of the connections. */
export class Connections {
  readonly #tickets = new Set<string>();
  readonly #connections = new Set<Connection>();
  readonly #envelopes = new Map<string, OpenEnvelope>();
  readonly #pings: NodeJS.Timeout;
  #made = 0;
  #turn = 0;
  #address = '';

  readonly #workspace: Workspace;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
    this.#pings = setInterval(() => {
      for (const { line } of this.#connections) line.ping();
    }, PING_EVERY_MS).unref();
  }

  /** @param url that of the local Slack */
  listenAt(url: string): void {
    this.#address = url.replace(/^http/, 'ws');
  }

  /** How many are open and take envelopes. */
  get count(): number {
    return [...this.#connections].filter(({ isLeaving }) => !isLeaving).length;
  }

  /** Where one connection may be made, once. */
  makeAddress(): string {
    const ticket = randomBytes(18).toString('base64url');
    this.#tickets.add(ticket);
    return `${this.#address}/link/?ticket=${ticket}&app_id=${this.#workspace.parts.appId}`;
  }

  /** Takes a connection that came to such an address. */
  accept(request: IncomingMessage, socket: Duplex): void {
    const ticket = new URL(request.url ?? '', 'http://local').searchParams.get('ticket') ?? '';
    if (!this.#tickets.delete(ticket) || !acceptUpgrade(request, socket)) return void socket.destroy();
    const connection: Connection = {
      number: (this.#made += 1),
      isLeaving: false,
      line: new WebSocketLine(socket, {
        text: (text) => this.#hear(connection, text),
        closed: () => this.#lose(connection),
      }),
    };
    this.#connections.add(connection);
    if (this.#connections.size > CONNECTIONS_MAX) return this.#leave(connection, 'too_many_websockets');
    connection.line.send(JSON.stringify(this.#hello()));
    for (const envelope of this.#envelopes.values()) if (envelope.on === undefined) this.#send(envelope);
    this.#workspace.changed();
  }

  /** Sends an envelope to one connection, and again to another one if that one goes; gives what comes back. */
  async deliver(
    type: 'interactive' | 'slash_commands',
    payload: unknown,
  ): Promise<EnvelopeAcknowledgement | undefined> {
    const envelopeId = randomUUID();
    const { promise, resolve } = Promise.withResolvers<EnvelopeAcknowledgement | undefined>();
    const frame = { envelope_id: envelopeId, type, payload, accepts_response_payload: true };
    const envelope: OpenEnvelope = { frame, sentMs: performance.now(), on: undefined, acknowledged: resolve };
    this.#envelopes.set(envelopeId, envelope);
    this.#send(envelope);
    const timer = setTimeout(() => {
      this.#workspace.violations.note('acknowledgement', `no acknowledgement of an envelope within 3 s (${type})`);
      resolve(undefined);
    }, ACKNOWLEDGED_MS_MAX);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#envelopes.delete(envelopeId);
    }
  }

  /** Tells a connection to come again, as Slack does every few hours. @param which the oldest is 0 */
  refresh(which = 0): void {
    const connection = [...this.#connections][which];
    if (connection !== undefined) this.#leave(connection, 'refresh_requested');
  }

  /** Cuts all connections without a word. */
  cutAll(): void {
    for (const { line } of this.#connections) line.cut();
  }

  /**
   * A connection stays open and nothing comes through it any more.
   * @param which the oldest is 0
   * @returns what says whether the app has left it
   */
  makeHalfOpen(which = 0): () => boolean {
    const connection = [...this.#connections][which];
    if (connection === undefined) throw new Error('There is no such connection');
    connection.line.goSilent();
    return () => !this.#connections.has(connection);
  }

  close(): void {
    clearInterval(this.#pings);
    this.cutAll();
  }

  #hello(): object {
    return {
      type: 'hello',
      num_connections: this.#connections.size,
      debug_info: { host: 'local', approximate_connection_time: APPROXIMATE_SECONDS },
      connection_info: { app_id: this.#workspace.parts.appId },
    };
  }

  #leave(connection: Connection, reason: string): void {
    connection.isLeaving = true;
    connection.line.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'local' } }));
  }

  #send(envelope: OpenEnvelope): void {
    const able = [...this.#connections].filter(({ isLeaving, line }) => !isLeaving && line.isOpen);
    const connection = able[this.#turn++ % Math.max(able.length, 1)];
    const again = envelope.on === undefined ? {} : { retry_attempt: 1, retry_reason: 'timeout' };
    if (connection === undefined) return; // the next one that comes gets it, if it comes in time
    connection.line.send(JSON.stringify({ ...envelope.frame, ...again }));
    Object.assign(envelope, { on: connection });
  }

  #lose(connection: Connection): void {
    this.#connections.delete(connection);
    for (const envelope of this.#envelopes.values()) if (envelope.on === connection) this.#send(envelope);
    this.#workspace.changed();
  }

  #hear(connection: Connection, text: string): void {
    const frame = acknowledgementFrame.safeParse(jsonOf(text));
    const envelope = frame.success ? this.#envelopes.get(frame.data.envelope_id) : undefined;
    if (!frame.success || envelope === undefined) {
      this.#workspace.violations.note('socket', frame.success ? 'an acknowledgement of nothing' : 'an unknown frame');
      return;
    }
    const ms = performance.now() - envelope.sentMs;
    envelope.acknowledged({ payload: frame.data.payload, ms, connection: connection.number });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
