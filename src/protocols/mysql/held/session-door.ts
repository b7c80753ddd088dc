import type { StatementDoor } from '../../sql/privileges/no-door.js';
import type { PrivilegeWindow } from '../../sql/privileges/privilege-door.js';
import type { Judgement } from '../judge/judgement.js';

/** The second lock of a grant as its sessions see it: when they must wait for it, and when they enter their database anew. */
export class SessionDoor {
  readonly #privileges: Pick<StatementDoor, 'isOpen' | 'epoch' | 'openToEnter'>;

  constructor(privileges: Pick<StatementDoor, 'isOpen' | 'epoch' | 'openToEnter'>) {
    this.#privileges = privileges;
  }

  /** Changes whenever sessions must enter their database anew: a server keeps what they had there when they entered. */
  get epoch(): number {
    return this.#privileges.epoch;
  }

  /** True when a statement that is allowed and has all its privileges must wait all the same. */
  mustWait({ facts, effect }: Pick<Judgement, 'facts' | 'effect'>): boolean {
    if (effect?.database !== undefined) return true;
    // Transaction control needs no privilege, and what holds locks must be able to let go of them.
    return this.#privileges.isOpen && facts.action !== 'session';
  }

  /**
   * Waits until a session may enter the database; the caller closes the window when it has.
   * @throws BrokerError as the door does; the signal's reason
   */
  openToEnter(database: string | null, signal?: AbortSignal): Promise<PrivilegeWindow> {
    return this.#privileges.openToEnter(database, signal);
  }
}
