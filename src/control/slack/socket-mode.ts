import { setTimeout as pause } from 'node:timers/promises';
import { SocketModeClient } from '@slack/socket-mode';
import { reasonOf } from '../../channels/slack/receive/slack-calls.js';
import { SILENT } from '../../channels/slack/slack-api.js';
import type { SlackLog } from './slack-interactions.js';
import type { Acknowledgement, SlackReceiver } from './slack-receiver.js';

/** Slack renews each connection now and then: meanwhile the other one takes what comes. */
const CONNECTIONS = 2;
const OPEN_MS_MAX = 10_000;
const RETRY_MS = 1_000;
const RETRY_MS_MAX = 60_000;
/** A connection that lasted so long was a good one. */
const GOOD_MS = 10_000;

export interface SocketModeOptions {
  readonly appToken: string;
  /** Ends with a slash. */
  readonly apiUrl: string;
  readonly receiver: SlackReceiver;
  /** How many connections stand. */
  readonly standing: (count: number) => void;
  readonly log: SlackLog;
}

/** What the library gives with each thing that comes. */
interface Envelope {
  readonly body: unknown;
  readonly ack: (answer?: object) => Promise<void>;
}

/**
 * Slack's other way: the broker calls Slack and what people do comes over WebSockets, so that nobody must reach the broker.
 * Slack sends each thing to one connection, and to another one when it was not acknowledged.
 * The connections are renewed here: the library ends the process where it fails to renew one by itself.
 */
export class SocketMode {
  readonly #stop = new AbortController();
  #running: readonly Promise<void>[] = [];
  #standing = 0;
  readonly #working = new Set<Promise<void>>();

  constructor(private readonly options: SocketModeOptions) {}

  start(): void {
    this.#running = Array.from({ length: CONNECTIONS }, () => this.#keepOne());
  }

  /** Resolves once the connections have ended and what they brought is worked on. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
    await Promise.all(this.#working);
  }

  async #keepOne(): Promise<void> {
    const { signal } = this.#stop;
    let waitMs = RETRY_MS;
    while (!signal.aborted) {
      const startedMs = performance.now();
      await this.#one();
      waitMs = performance.now() - startedMs > GOOD_MS ? RETRY_MS : Math.min(waitMs * 2, RETRY_MS_MAX);
      await pause(signal.aborted ? 0 : waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One connection, until it ends. */
  async #one(): Promise<void> {
    const { appToken, apiUrl, log } = this.options;
    const client = clientOf(appToken, apiUrl);
    const ended = Promise.withResolvers<void>();
    const end = (): void => ended.resolve();
    this.#stop.signal.addEventListener('abort', end, { once: true });
    client.on('disconnected', end);
    client.on('interactive', (envelope: Envelope) => {
      this.#take(envelope, (body) => this.options.receiver.take(JSON.stringify(body)));
    });
    client.on('slash_commands', (envelope: Envelope) => {
      this.#take(envelope, (body) => this.options.receiver.takeCommand(body));
    });
    let isStanding = false;
    try {
      await Promise.race([client.start(), ended.promise, tooLong()]);
      isStanding = true;
      this.#count(1);
      await ended.promise;
    } catch (error) {
      log.warn({ reason: reasonOf(error) }, 'a connection to Slack does not stand; it is tried again');
    } finally {
      this.#stop.signal.removeEventListener('abort', end);
      if (isStanding) this.#count(-1);
      await Promise.race([client.disconnect(), pause(1_000, undefined, { ref: false })]).catch(() => undefined);
    }
  }

  #count(change: number): void {
    this.#standing += change;
    this.options.standing(this.#standing);
  }

  #take(envelope: Envelope, take: (body: unknown) => Promise<Acknowledgement>): void {
    const work = this.#work(envelope, take).finally(() => this.#working.delete(work));
    this.#working.add(work);
  }

  /** What was not accepted is not acknowledged: Slack sends it again, or tells its maker. */
  async #work({ body, ack }: Envelope, take: (body: unknown) => Promise<Acknowledgement>): Promise<void> {
    try {
      const { status, body: answer, work } = await take(body);
      if (status === 429) return;
      // What was accepted is acted on, whether or not Slack learns that it was.
      await ack(answer).catch(() => undefined);
      await work?.();
    } catch (error) {
      this.options.log.warn({ err: error }, 'what came from Slack could not be accepted');
    }
  }
}

function clientOf(appToken: string, slackApiUrl: string): SocketModeClient {
  return new SocketModeClient({
    appToken,
    autoReconnectEnabled: false,
    logger: SILENT,
    clientOptions: { slackApiUrl, timeout: OPEN_MS_MAX, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true },
  });
}

/** A peer that says nothing after the connection stands holds nobody up. */
async function tooLong(): Promise<never> {
  await pause(2 * OPEN_MS_MAX, undefined, { ref: false });
  throw new Error('Slack did not begin');
}
