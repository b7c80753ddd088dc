import type { PrivilegeDoor, PrivilegeWindow } from './privilege-door.js';

/** What the statements of a grant need of its door. */
export type StatementDoor = Pick<PrivilegeDoor, 'isOpen' | 'epoch' | 'holders' | 'open' | 'openToEnter' | 'stand'>;

const NOTHING_GIVEN: PrivilegeWindow = { given: [], databases: [], close: () => Promise.resolve() };

/**
 * The door of a grant with static credentials: there is no task account whose privileges could change, so the second
 * lock is not there. Gives nothing and keeps nobody waiting.
 */
export const NO_DOOR: StatementDoor = {
  isOpen: false,
  epoch: 0,
  holders: [],
  open: () => Promise.resolve(NOTHING_GIVEN),
  openToEnter: () => Promise.resolve(NOTHING_GIVEN),
  stand: () => Promise.resolve([]),
};
