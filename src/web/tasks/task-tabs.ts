/** The parts of a task's page, in their order; the address names the chosen one. */
export const TASK_TABS = ['now', 'timeline', 'questions', 'access', 'evidence', 'end'] as const;
export type TaskTab = (typeof TASK_TABS)[number];

export interface TaskSearch {
  readonly tab?: TaskTab;
}

export function taskSearchOf(search: Readonly<Record<string, unknown>>): TaskSearch {
  const tab = TASK_TABS.find((name) => name === search['tab']);
  return tab === undefined ? {} : { tab };
}
