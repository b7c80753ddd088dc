/** The frame around every page. */
export const SHELL = {
  product: 'Doorwarden',
  skip: 'To the content',
  sections: 'Sections',
  inbox: 'Inbox',
  tasks: 'Tasks',
  recordings: 'Recordings',
  search: 'Search',
  overview: 'Overview',
  policies: 'Policies',
  targets: 'Targets',
  people: 'People and keys',
  settings: 'Settings',
  record: 'Administrative record',
  me: 'You',
  menu: 'Menu',
  signOut: 'Sign out',
  loading: 'Loading…',
  notFound: 'There is no such page here.',
  notFoundNext: 'Take one of the sections above.',
  notYours: (roles: string) => `This page takes the role ${roles}.`,
  notYoursNext: 'Ask your operator if you need it.',
  tryAgain: 'Try again',
  broke: 'The page made a mistake.',
  brokeNext: 'Nothing was changed. Load the page again; tell your operator if it comes back.',
  reload: 'Load the page again',
  silent: (since: string) => `The broker has not answered since ${since}. What is shown may be old.`,
  updated: 'The broker was updated since this page was opened. Finish what you are at, then load the page again.',
  sessionOver: 'Your session is over',
  sessionOverText: 'What you typed is still here. Sign in in a new tab, then come back and go on.',
  signIn: 'Sign in in a new tab',
  goOn: 'I have signed in: go on',
  stillOut: 'You are not signed in yet.',
  otherPerson: 'Somebody else is signed in now. The page has to be loaded again.',
} as const;

/** Sentences about failures. */
export const FAILURES = {
  silent: 'The broker does not answer.',
  silentNext: 'Nobody knows whether it was carried out. Check the network, then look before you do it again.',
  unexpected: 'The page did not understand the answer.',
  code: (code: string, requestId: string) => `Code ${code}, request ${requestId}`,
} as const;

/** Keys and the list of them. */
export const KEYS = {
  title: 'Keys',
  everywhere: 'Everywhere',
  help: 'Show all keys',
  search: 'Search',
  goInbox: 'Go to the inbox',
  goTasks: 'Go to the tasks',
  goRecordings: 'Go to the recordings',
  goPolicies: 'Go to the policies',
  palette: 'Go anywhere by name',
  switchOff: 'Single keys do something',
  switchOffHint: 'Off: only keys with Ctrl or ⌘ act.',
  paletteLabel: 'Where to?',
  nothingFound: 'Nothing has that name.',
  close: 'Close',
} as const;

/** Words that many parts use. */
export const COMMON = {
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'The browser did not let the page copy. Select it and copy it by hand.',
  cancel: 'Cancel',
  save: 'Save',
  none: 'none',
  unknown: 'unknown',
  fromAgent: 'From the agent',
  hiddenCharacters: (count: number) =>
    count === 1 ? '1 hidden character is written out' : `${count} hidden characters are written out`,
  more: 'Show more',
  seeTable: 'The same as a table',
  working: 'Working…',
  ago: (span: string) => `${span} ago`,
  in: (span: string) => `in ${span}`,
  now: 'now',
  reason: 'Reason',
} as const;
