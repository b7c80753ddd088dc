import { randomUUID } from 'node:crypto';
import type { ModalView } from '../block-kit/blocks.js';

/** A modal on somebody's screen. */
export interface OpenModal {
  readonly id: string;
  /** Changes with each update. */
  readonly hash: string;
  /** On whose screen it is. */
  readonly user: string;
  readonly view: ModalView;
  /** By block id, what the app said is wrong with the last submission. */
  readonly errors: Readonly<Record<string, string>>;
}

/** The modals that are open. */
export class ModalStore {
  readonly #open = new Map<string, OpenModal>();

  open(user: string, view: ModalView): OpenModal {
    const withIds = {
      ...view,
      blocks: view.blocks.map((block) => ({ ...block, block_id: block.block_id ?? newId() })),
    };
    const modal = { id: newId('V'), hash: newId(), user, view: withIds, errors: {} };
    this.#open.set(modal.id, modal);
    return modal;
  }

  find(id: string): OpenModal | undefined {
    return this.#open.get(id);
  }

  ofUser(user: string): readonly OpenModal[] {
    return [...this.#open.values()].filter((modal) => modal.user === user);
  }

  change(modal: OpenModal, change: Partial<Pick<OpenModal, 'view' | 'errors'>>): void {
    this.#open.set(modal.id, { ...modal, ...change, hash: newId() });
  }

  close(modal: OpenModal): void {
    this.#open.delete(modal.id);
  }
}

/** Capital letters and digits, as Slack's ids are. */
export function newId(prefix = ''): string {
  return `${prefix}${randomUUID().replaceAll('-', '').slice(0, 10).toUpperCase()}`;
}
