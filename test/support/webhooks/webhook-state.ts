import type { DataSource } from 'typeorm';
import type { ApprovalView } from '../../../src/contracts/approvals/approval.js';
import { type WebhookTimes, WebhookSender } from '../../../src/channels/webhooks/webhooks-channel.js';
import { loadWorkerConfig } from '../../../src/config/worker.js';
import { newId } from '../../../src/domain/ids.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { EnvelopeKey } from '../../../src/keys/envelope.js';
import { makeJwkText, parsePrivateJwk } from '../../../src/keys/okp-jwk.js';
import { newWebhookSecret, sealWebhookSecret } from '../../../src/keys/webhook-secret.js';
import {
  webhookDeliveryEntity,
  type WebhookDeliveryRow,
  webhookEntity,
  type WebhookRow,
} from '../../../src/persistence/entities/channels/webhook.js';
import { appendEvents } from '../../../src/persistence/events/event-append.js';
import { WebhookRepository } from '../../../src/persistence/webhooks/webhook.repository.js';

const WAIT_MS_MAX = 30_000;
const LOOK_EVERY_MS = 25;

/** What a sender counts, and says. */
export interface SenderNotes {
  readonly sent: string[];
  readonly warned: object[];
}

/** The worker's side of webhooks over a state database alone: the channel itself, looked at as fast as it can. */
export class WebhookBench {
  readonly notes: SenderNotes = { sent: [], warned: [] };
  readonly #running: { readonly stop: () => Promise<void> }[] = [];

  private constructor(
    readonly source: DataSource,
    readonly key: EnvelopeKey,
  ) {}

  static async of(source: DataSource): Promise<WebhookBench> {
    return new WebhookBench(source, new EnvelopeKey(await parsePrivateJwk(makeJwkText('X25519'), 'X25519', 'test')));
  }

  /** Lets a further worker send, until {@link stop}. */
  start(
    times: WebhookTimes = {},
    { env = {}, question }: { readonly env?: Readonly<Record<string, string>>; readonly question?: ApprovalView } = {},
  ): { readonly stop: () => Promise<void> } {
    const { source, key, notes } = this;
    const config = loadWorkerConfig({
      DATABASE_URL: 'mysql://nobody@127.0.0.1/none',
      REDIS_URL: 'redis://127.0.0.1',
      WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
      WEBHOOK_ALLOW_HTTP: 'true',
      ...env,
    });
    const sender = new WebhookSender(
      {
        config,
        state: source,
        envelopeKey: key,
        questionOf: async () => question,
        clock: systemClock,
        log: { info: () => undefined, warn: (fields) => void notes.warned.push(fields) },
        metrics: { sent: (_, outcome) => void notes.sent.push(outcome), waiting: () => undefined },
      },
      times,
    );
    const ended = new AbortController();
    const looking = (async () => {
      while (!ended.signal.aborted) {
        await sender.look(ended.signal);
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
    })();
    const running = {
      stop: async () => {
        ended.abort();
        await looking;
        await sender.close();
      },
    };
    this.#running.push(running);
    return running;
  }

  async stopAll(): Promise<void> {
    await Promise.all(this.#running.splice(0).map(({ stop }) => stop()));
  }

  /** A webhook with its secret. */
  async webhook(
    url: string,
    change: Partial<Pick<WebhookRow, 'types' | 'include'>> = {},
  ): Promise<{ readonly id: string; readonly secret: string }> {
    const [id, secret] = [newId(), newWebhookSecret()];
    const sealedSecret = await sealWebhookSecret(secret, id, this.key.publicJwk);
    const row = { id, name: `hook-${id}`, url, types: [], include: [], sealedSecret, createdBy: 'ana', ...change };
    if (!(await new WebhookRepository(this.source).insert(row))) throw new Error('the name is taken');
    return { id, secret };
  }

  /** Gives it a new secret; the one before is kept for so long. */
  async rotate(id: string, keepMs: number): Promise<string> {
    const secret = newWebhookSecret();
    const sealedSecret = await sealWebhookSecret(secret, id, this.key.publicJwk);
    const done = await new WebhookRepository(this.source).rotate(await this.row(id), { sealedSecret, keepMs }, 'ana');
    if (!done) throw new Error('the webhook was changed meanwhile');
    return secret;
  }

  /** Has something happen; the numbers say which is which. */
  async happen(...numbers: readonly number[]): Promise<void> {
    await this.source.transaction((manager) =>
      appendEvents(
        manager,
        numbers.map((number) => ({ type: 'act.recorded', data: { seq: number } })),
      ),
    );
  }

  async row(id: string): Promise<WebhookRow> {
    return this.source.getRepository(webhookEntity).findOneByOrFail({ id });
  }

  async deliveries(webhookId: string): Promise<readonly WebhookDeliveryRow[]> {
    return this.source.getRepository(webhookDeliveryEntity).find({ where: { webhookId }, order: { id: 'ASC' } });
  }
}

/** Waits until something holds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = Date.now() + WAIT_MS_MAX;
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error(`it never came to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
