import { LogLevel } from '@slack/web-api';

const nothing = (): void => {};

/** For Slack's clients in tests: they write all that they are refused to the console. */
export const QUIET = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  setName: nothing,
  getLevel: () => LogLevel.ERROR,
};
