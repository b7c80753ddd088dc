import { wholeNumber } from './variables.js';

const UNITS_MAX = 1_000_000;
const OFF = '0 sets no limit.';

const limit = (byDefault: number, about: string) => wholeNumber(0, UNITS_MAX, byDefault, { about: `${about}; ${OFF}` });

/** How often callers may call; docs/operations.md, "Limits". */
export const limitVariables = {
  LIMIT_CALLS_PER_MINUTE: limit(6_000, 'Calls with one key, session or token in a minute, in each api by itself'),
  LIMIT_GRANTS_PER_MINUTE: limit(30, 'Grants that a principal may ask for in a minute'),
  LIMIT_DECISIONS_PER_MINUTE: limit(60, 'Decisions that a principal may send in a minute'),
  LIMIT_TRIES_PER_MINUTE: limit(60, 'Trials of policies and mappings by a principal in a minute'),
  LIMIT_SEARCHES_PER_MINUTE: limit(60, 'Exports and checks of the administrative record by a principal in a minute'),
  LIMIT_ENTRIES_PER_MINUTE: limit(600, 'Pages of entries, of recordings or the record, for a principal in a minute'),
  LIMIT_MCP_PER_MINUTE: limit(120, 'Messages of a principal to the MCP server of the api in a minute'),
  LIMIT_PAGES_PER_MINUTE: limit(600, 'Calls without a key from one address in a minute, in each api by itself'),
  LIMIT_SIGN_IN_STARTS_PER_MINUTE: limit(20, 'Sign-ins that may begin from one address in a minute'),
  LIMIT_PROVIDER_STARTS_PER_MINUTE: limit(1_200, 'Sign-ins that may begin with one identity provider in a minute'),
  LIMIT_SIGN_IN_CALLBACKS_PER_MINUTE: limit(30, 'Answers of identity providers from one address in a minute'),
  LIMIT_FIRST_LINKS_PER_MINUTE: limit(5, 'One-time links that may be tried from one address in a minute'),
  LIMIT_DEVICE_STARTS_PER_MINUTE: limit(10, 'Command lines from one address that may ask to be let in in a minute'),
  LIMIT_DEVICE_POLLS_PER_MINUTE: limit(300, 'Questions from one address whether they were let in in a minute'),
  LIMIT_DEVICE_CODES_PER_MINUTE: limit(10, 'Codes of command lines that a principal may try in a minute'),
  LIMIT_SIGN_IN_FAILURES_PER_10_MINUTES: limit(10, 'Sign-ins from one address that may fail in ten minutes'),
  LIMIT_CREDENTIAL_FAILURES_PER_MINUTE: limit(30, 'API keys and tokens from one address that may fail in a minute'),
  LIMIT_SLACK_PER_MINUTE: limit(300, 'Clicks, forms and commands of the workspace of Slack in a minute'),
};
