import type { DataSource } from 'typeorm';
import { atState } from '../state/at-state.js';
import { type InspectionRequest, targetInspectionEntity } from '../entities/grants/target-inspection.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import { updateRows } from '../state/update-rows.js';

/** Looks at targets that the api asks for and a gateway takes: a message in between names one and says nothing of it. */
export class TargetInspectionRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Stores a request that can be taken for so long, and forgets those whose time is up. */
  async insert(id: string, request: InspectionRequest, takeMs: number): Promise<void> {
    await atState(async () => {
      await this.dataSource
        .createQueryBuilder()
        .delete()
        .from(targetInspectionEntity)
        .where(`expires_at < ${NOW_MS_SQL}`)
        .execute();
      await this.dataSource
        .createQueryBuilder()
        .insert()
        .into(targetInspectionEntity)
        .values({
          id,
          request,
          answer: null,
          takenAtMs: null,
          expiresAtMs: () => `${NOW_MS_SQL} + ${Math.ceil(takeMs)}`,
        })
        .updateEntity(false)
        .execute();
    });
  }

  /** Takes a request, once; undefined for one that is not there, is taken, or whose time is up. */
  async take(id: string): Promise<InspectionRequest | undefined> {
    const taken = await updateRows(this.dataSource, targetInspectionEntity, {
      set: { takenAtMs: () => NOW_MS_SQL },
      where: `id = :id AND taken_at IS NULL AND expires_at > ${NOW_MS_SQL}`,
      parameters: { id },
    });
    return taken === 1 ? (await this.#find(id))?.request : undefined;
  }

  /** Leaves the answer to one that was taken. */
  async answer(id: string, answer: object): Promise<void> {
    await updateRows(this.dataSource, targetInspectionEntity, {
      set: { answer },
      where: 'id = :id AND taken_at IS NOT NULL AND answer IS NULL',
      parameters: { id },
    });
  }

  /** The answer, whatever it looks like; null while there is none. */
  async answerOf(id: string): Promise<unknown> {
    return (await this.#find(id))?.answer ?? null;
  }

  async remove(id: string): Promise<void> {
    await atState(() =>
      this.dataSource.createQueryBuilder().delete().from(targetInspectionEntity).where('id = :id', { id }).execute(),
    );
  }

  async #find(id: string) {
    return atState(() => this.dataSource.getRepository(targetInspectionEntity).findOneBy({ id }));
  }
}
