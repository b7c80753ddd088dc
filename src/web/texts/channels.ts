/** The ways by which people and programs are reached. */
export const CHANNELS = {
  section: 'Channels',
  text: 'How people and programs are told of what happens. The environment of the workers decides which there are.',
  caption: 'Channels',
  name: 'Channel',
  names: { log: 'Log of the worker', email: 'E-mail', slack: 'Slack', webhooks: 'Webhooks' } as Readonly<
    Record<string, string>
  >,
  state: 'Set up',
  states: { on: 'set up', off: 'not set up', unknown: 'no worker says so' },
  health: 'Health',
  healths: { good: 'works', failing: 'fails', quiet: 'nothing sent yet' },
  sent: 'Last sent',
  failed: 'Last failure',
  never: 'never',
  waiting: 'Waiting',
  test: 'Test',
  testLabel: (name: string) => `Send a test by ${name}`,
  testAsked: (by: string) => `asked for by ${by}`,
  testPending: 'under way',
  testSent: 'sent',
  testFailed: 'not sent',
  none: 'No worker has said anything yet.',
} as const;

/** What somebody is sent. */
export const NOTICES = {
  title: 'What you are sent',
  email: 'E-mail',
  emailOn: 'A digest of the questions that wait for you, when something is new',
  emailHint: 'It says who asks for what kind of thing, where, and until when; never a statement.',
  emailTo: (address: string) => `It goes to ${address}.`,
  noAddress: 'Your identity provider has verified no e-mail address of yours, so you get none.',
  notConfigured: 'This broker sends no e-mail.',
  otherWays: 'This holds for all of your principals.',
} as const;
