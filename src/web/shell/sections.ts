import { useMe, type Permission } from '../api/me.js';
import { texts } from '../texts/en.js';

export interface Section {
  readonly to: string;
  readonly name: string;
  /** Any of these is enough. */
  readonly permissions: readonly Permission[];
  /** The letter after `g` that goes there. */
  readonly letter?: string;
  readonly isAdministration?: boolean;
}

const { shell } = texts;

/** The sections of the page, in the order in which they stand. The API says who may use them. */
export const SECTIONS: readonly Section[] = [
  { to: '/inbox', name: shell.inbox, permissions: ['approval.read'], letter: 'i' },
  { to: '/tasks', name: shell.tasks, permissions: ['grant.read'], letter: 't' },
  { to: '/recordings', name: shell.recordings, permissions: ['recording.read'], letter: 'r' },
  { to: '/search', name: shell.search, permissions: ['recording.read'], letter: 's' },
  { to: '/overview', name: shell.overview, permissions: ['statistics.read'], letter: 'o' },
  { to: '/policies', name: shell.policies, permissions: ['policy.read'], letter: 'p', isAdministration: true },
  { to: '/targets', name: shell.targets, permissions: ['target.read'], isAdministration: true },
  { to: '/people', name: shell.people, permissions: ['principal.read'], isAdministration: true },
  { to: '/record', name: shell.record, permissions: ['record.read'], isAdministration: true },
  { to: '/settings', name: shell.settings, permissions: ['provider.read'], isAdministration: true },
];

/** Those that the person may use. */
export function useSections(): readonly Section[] {
  const { permissions } = useMe();
  return SECTIONS.filter((section) => section.permissions.some((permission) => permissions.includes(permission)));
}
