import type { PrivilegeDoor } from './privilege-door.js';

/**
 * The door of a grant with static credentials: there is no task account whose privileges could change, so the second
 * lock is not there. Gives nothing and keeps nobody waiting.
 */
export const NO_DOOR: Pick<PrivilegeDoor, 'isOpen' | 'open' | 'whenClosed' | 'enter' | 'stand'> = {
  isOpen: false,
  open: () => Promise.resolve({ given: [], databases: [], close: () => Promise.resolve() }),
  whenClosed: () => Promise.resolve(),
  enter: (_, work) => work(),
  stand: () => Promise.resolve([]),
};
