import { Inject, Injectable } from '@nestjs/common';
import type { ApiConfig } from '../../config/api.js';
import { includable } from '../../config/webhooks.js';
import type {
  NewWebhookView,
  SecretRotationRequest,
  WebhookChangeRequest,
  WebhookList,
  WebhookRequest,
  WebhookView,
} from '../../contracts/channels/webhook.js';
import { CHOSEN_TYPES, EVENT_TYPES, type EventDetail } from '../../domain/event.js';
import { newId } from '../../domain/ids.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import { parsePublicJwk } from '../../keys/okp-jwk.js';
import { newWebhookSecret, sealWebhookSecret } from '../../keys/webhook-secret.js';
import type { WebhookRow } from '../../persistence/entities/channels/webhook.js';
import { PublishedKeyRepository } from '../../persistence/recordings/published-key.repository.js';
import { WebhookDeliveryRepository } from '../../persistence/webhooks/webhook-delivery.repository.js';
import { type WebhookChange, WebhookRepository } from '../../persistence/webhooks/webhook.repository.js';
import type { Caller } from '../http/access.js';
import { API_CONFIG, CLOCK } from '../modules/tokens.js';
import { AdminRecord } from '../record/admin-record.js';
import { addressProblem } from './webhook-address.js';
import { changedWebhook, recordedWebhook, webhookViewOf } from './webhook-view.js';

const WEBHOOKS_MAX = 50;
const MS_PER_HOUR = 3_600_000;

/** Webhooks as operators manage them; the worker sends. */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly webhooks: WebhookRepository,
    private readonly deliveries: WebhookDeliveryRepository,
    private readonly keys: PublishedKeyRepository,
    private readonly record: AdminRecord,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(): Promise<WebhookList> {
    const [rows, waiting] = await Promise.all([this.webhooks.list(), this.deliveries.waiting()]);
    const nowMs = this.clock.nowMs();
    return {
      items: rows.map((row) => webhookViewOf(row, { waiting: waiting.get(row.id) ?? 0, nowMs })),
      types: CHOSEN_TYPES.map((type) => ({ type, about: EVENT_TYPES[type] })),
      allowed: {
        include: [...includable(this.config)],
        http: this.config.WEBHOOK_ALLOW_HTTP === 'true',
        networks: [...this.config.WEBHOOK_ALLOWED_NETWORKS],
      },
    };
  }

  /** @throws BrokerError `webhook_not_found` */
  async find(id: string): Promise<WebhookView> {
    const [row, waiting] = await Promise.all([this.row(id), this.deliveries.waiting()]);
    return webhookViewOf(row, { waiting: waiting.get(id) ?? 0, nowMs: this.clock.nowMs() });
  }

  /** @throws BrokerError `webhook_invalid`, `webhook_exists`, `encryption_key_missing` */
  async make(caller: Caller, { name, url, types, include, reason }: WebhookRequest): Promise<NewWebhookView> {
    this.#requireFits({ url, include });
    if ((await this.webhooks.list()).length >= WEBHOOKS_MAX) {
      throw invalid(`There can be at most ${WEBHOOKS_MAX} webhooks.`);
    }
    const id = newId();
    const { signingSecret, sealedSecret } = await this.#newSecret(id);
    await this.record.together(async (at) => {
      const row = { id, name, url, types, include, sealedSecret, createdBy: caller.name };
      if (!(await at.of(WebhookRepository).insert(row))) throw new BrokerError('webhook_exists');
      const after = recordedWebhook({ ...row, state: 'enabled' });
      const subject = { kind: 'webhook', name } as const;
      return { result: undefined, note: { act: 'webhook.made', by: caller, subject, after, why: reason ?? null } };
    });
    return { ...(await this.find(id)), signingSecret };
  }

  /** @throws BrokerError `webhook_not_found`, `webhook_changed`, `webhook_exists`, `webhook_invalid` */
  async change(caller: Caller, id: string, request: WebhookChangeRequest): Promise<WebhookView> {
    const { revision, paused, reason, ...change } = request;
    const row = await this.row(id);
    if (revision !== undefined && revision !== row.revision) throw changed(row.revision);
    this.#requireFits(change);
    const acting = { caller, row, why: reason ?? null };
    if (Object.values(change).some((value) => value !== undefined)) await this.#write(acting, change);
    if (paused !== undefined) await this.#setPaused(acting, paused);
    return this.find(id);
  }

  /** @throws BrokerError `webhook_not_found`, `webhook_changed`, `encryption_key_missing` */
  async rotate(caller: Caller, id: string, { keepHours, reason }: SecretRotationRequest): Promise<NewWebhookView> {
    const row = await this.row(id);
    const { signingSecret, sealedSecret } = await this.#newSecret(id);
    await this.record.together(async (at) => {
      const rotation = { sealedSecret, keepMs: keepHours * MS_PER_HOUR };
      if (!(await at.of(WebhookRepository).rotate(row, rotation, caller.name))) throw changed(row.revision + 1);
      const subject = { kind: 'webhook', name: row.name } as const;
      const after = { previousKeptHours: keepHours };
      const note = { act: 'webhook.secret-rotated', by: caller, subject, after, why: reason ?? null } as const;
      return { result: undefined, note };
    });
    return { ...(await this.find(id)), signingSecret };
  }

  /** @throws BrokerError `webhook_not_found` */
  async delete(caller: Caller, id: string, reason: string | undefined): Promise<void> {
    const row = await this.row(id);
    await this.record.together(async (at) => {
      if (!(await at.of(WebhookRepository).delete(id))) throw new BrokerError('webhook_not_found');
      const subject = { kind: 'webhook', name: row.name } as const;
      const before = recordedWebhook(row);
      return { result: undefined, note: { act: 'webhook.deleted', by: caller, subject, before, why: reason ?? null } };
    });
  }

  /** @throws BrokerError `webhook_not_found` */
  async row(id: string): Promise<WebhookRow> {
    const row = await this.webhooks.find(id);
    if (row === undefined) throw new BrokerError('webhook_not_found');
    return row;
  }

  async #write({ caller, row, why }: Acting, change: WebhookChange): Promise<void> {
    await this.record.together(async (at) => {
      const outcome = await at.of(WebhookRepository).change(row, change, caller.name);
      if (outcome === 'taken') throw new BrokerError('webhook_exists');
      if (outcome === 'changed') throw changed(row.revision + 1);
      const subject = { kind: 'webhook', name: row.name } as const;
      const [before, after] = [recordedWebhook(row), changedWebhook(row, change)];
      return { result: undefined, note: { act: 'webhook.changed', by: caller, subject, before, after, why } };
    });
  }

  async #setPaused({ caller, row, why }: Acting, paused: boolean): Promise<void> {
    await this.record.together(async (at) => {
      const webhooks = at.of(WebhookRepository);
      const isNew = paused ? await webhooks.pause(row.id, caller.name) : await webhooks.resume(row.id, caller.name);
      const subject = { kind: 'webhook', name: row.name } as const;
      const act = paused ? 'webhook.paused' : 'webhook.resumed';
      return { result: undefined, note: isNew ? { act, by: caller, subject, why } : null };
    });
  }

  #requireFits({
    url,
    include = [],
  }: {
    url?: string | undefined;
    include?: readonly EventDetail[] | undefined;
  }): void {
    const problem = url === undefined ? null : addressProblem(url, this.config);
    if (problem !== null) throw invalid(`${problem}.`);
    const allowed = includable(this.config);
    const refused = include.find((detail) => !allowed.includes(detail));
    if (refused !== undefined) throw invalid(`include has "${refused}", which WEBHOOK_INCLUDE does not let it have.`);
  }

  async #newSecret(id: string): Promise<{ readonly signingSecret: string; readonly sealedSecret: string }> {
    const published = await this.keys.newest('envelope');
    if (published === undefined) throw new BrokerError('encryption_key_missing');
    const signingSecret = newWebhookSecret();
    const key = parsePublicJwk(published.jwk, 'X25519');
    return { signingSecret, sealedSecret: await sealWebhookSecret(signingSecret, id, key) };
  }
}

interface Acting {
  readonly caller: Caller;
  readonly row: WebhookRow;
  readonly why: string | null;
}

function invalid(detail: string): BrokerError {
  return new BrokerError('webhook_invalid', { detail });
}

function changed(revision: number): BrokerError {
  return new BrokerError('webhook_changed', { fields: { revision } });
}
