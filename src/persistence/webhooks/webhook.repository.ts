import { webhookEntity, type WebhookRow } from '../entities/channels/webhook.js';
import { webhookDeliveryEntity } from '../entities/channels/webhook.js';
import { atState, isDuplicate } from '../state/at-state.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import type { StateAccess } from '../state/state-transaction.js';
import { updateRows } from '../state/update-rows.js';

export type NewWebhook = Pick<WebhookRow, 'id' | 'name' | 'url' | 'types' | 'include' | 'sealedSecret' | 'createdBy'>;

/** What people change of a webhook. */
export interface WebhookChange {
  readonly name?: string | undefined;
  readonly url?: string | undefined;
  readonly types?: WebhookRow['types'] | undefined;
  readonly include?: WebhookRow['include'] | undefined;
}

/** A new secret, and for how long the one before signs too. */
export interface SecretRotation {
  readonly sealedSecret: string;
  readonly keepMs: number;
}

/** Webhooks as people manage them. A change is made over the revision that it was made from: false means somebody was first. */
export class WebhookRepository {
  constructor(private readonly at: StateAccess) {}

  /** By name. */
  async list(): Promise<readonly WebhookRow[]> {
    return atState(() => this.at.getRepository(webhookEntity).find({ order: { name: 'ASC' } }));
  }

  async find(id: string): Promise<WebhookRow | undefined> {
    return atState(async () => (await this.at.getRepository(webhookEntity).findOneBy({ id })) ?? undefined);
  }

  /** False: the name is taken. */
  async insert({ types, include, createdBy, ...webhook }: NewWebhook): Promise<boolean> {
    const now = (): string => NOW_MS_SQL;
    const row = {
      ...webhook,
      types: [...types],
      include: [...include],
      secretMadeAtMs: now,
      previousSecret: null,
      previousUntilMs: null,
      state: 'enabled' as const,
      pauseReason: null,
      pausedAtMs: null,
      failingSinceMs: null,
      lastSuccessAtMs: null,
      lastFailureAtMs: null,
      lastFault: null,
      lastStatus: null,
      dropped: 0,
      revision: 1,
      createdAtMs: now,
      createdBy,
      changedAtMs: now,
      changedBy: createdBy,
    };
    return unlessTaken(() =>
      this.at.createQueryBuilder().insert().into(webhookEntity).values(row).updateEntity(false).execute(),
    );
  }

  /** @returns `taken`: another webhook has the name; `changed`: somebody was first */
  async change(
    { id, revision }: Pick<WebhookRow, 'id' | 'revision'>,
    { name, url, types, include }: WebhookChange,
    by: string,
  ): Promise<'done' | 'taken' | 'changed'> {
    let changed = 0;
    const isFree = await unlessTaken(async () => {
      changed = await updateRows(this.at, webhookEntity, {
        set: {
          ...(name === undefined ? {} : { name }),
          ...(url === undefined ? {} : { url }),
          ...(types === undefined ? {} : { types: [...types] }),
          ...(include === undefined ? {} : { include: [...include] }),
          ...changedBy(by),
        },
        where: 'id = :id AND revision = :revision',
        parameters: { id, revision },
      });
    });
    if (!isFree) return 'taken';
    return changed === 1 ? 'done' : 'changed';
  }

  /** False when it is paused already. */
  async pause(id: string, by: string): Promise<boolean> {
    const paused = await updateRows(this.at, webhookEntity, {
      set: { state: 'paused', pauseReason: 'operator', pausedAtMs: () => NOW_MS_SQL, ...changedBy(by) },
      where: "id = :id AND state = 'enabled'",
      parameters: { id },
    });
    return paused === 1;
  }

  /** What waits goes out at once. False when it is not paused. */
  async resume(id: string, by: string): Promise<boolean> {
    const resumed = await updateRows(this.at, webhookEntity, {
      set: {
        state: 'enabled',
        pauseReason: null,
        pausedAtMs: null,
        failingSinceMs: null,
        dropped: 0,
        ...changedBy(by),
      },
      where: "id = :id AND state = 'paused'",
      parameters: { id },
    });
    if (resumed !== 1) return false;
    await updateRows(this.at, webhookDeliveryEntity, {
      set: { nextAtMs: () => NOW_MS_SQL },
      where: "webhook_id = :id AND state = 'waiting'",
      parameters: { id },
    });
    return true;
  }

  /** The secret that was in force signs too for a while; the one before that no more. */
  async rotate({ id, revision }: WebhookRow, { sealedSecret, keepMs }: SecretRotation, by: string): Promise<boolean> {
    const rotated = await updateRows(this.at, webhookEntity, {
      set: {
        // Before `sealed_secret`, because the server assigns from left to right.
        previousSecret: () => (keepMs > 0 ? 'sealed_secret' : 'NULL'),
        previousUntilMs: () => (keepMs > 0 ? `${NOW_MS_SQL} + ${keepMs}` : 'NULL'),
        sealedSecret,
        secretMadeAtMs: () => NOW_MS_SQL,
        ...changedBy(by),
      },
      where: 'id = :id AND revision = :revision',
      parameters: { id, revision },
    });
    return rotated === 1;
  }

  /** With all of its deliveries. False when it is gone already. */
  async delete(id: string): Promise<boolean> {
    const { affected } = await atState(() =>
      this.at.createQueryBuilder().delete().from(webhookEntity).where('id = :id', { id }).execute(),
    );
    if (affected !== 1) return false;
    await atState(() =>
      this.at.createQueryBuilder().delete().from(webhookDeliveryEntity).where('webhook_id = :id', { id }).execute(),
    );
    return true;
  }
}

function changedBy(by: string) {
  return { revision: () => 'revision + 1', changedAtMs: () => NOW_MS_SQL, changedBy: by };
}

async function unlessTaken(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await atState(work);
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}
