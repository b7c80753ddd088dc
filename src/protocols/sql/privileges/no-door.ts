import type { PrivilegeDoor, PrivilegeWindow } from './privilege-door.js';

/** What the statements of a grant need of its door. */
export type StatementDoor = Pick<PrivilegeDoor, 'isOpen' | 'holders' | 'standing' | 'ceiling' | 'open' | 'stand'>;

const NOTHING_GIVEN: PrivilegeWindow = { given: [], holdings: [], close: () => Promise.resolve() };

/**
 * The door of a grant with static credentials: there is no task account whose privileges could change, so the second
 * lock is not there. Gives nothing and keeps nobody waiting.
 */
export const NO_DOOR: StatementDoor = {
  isOpen: false,
  holders: [],
  standing: [],
  ceiling: [],
  open: () => Promise.resolve(NOTHING_GIVEN),
  stand: () => Promise.resolve(),
};
