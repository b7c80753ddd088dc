import { DEVICE } from './device.js';
import { ME } from './me.js';
import { API_KEYS, NEW_PRINCIPAL, PEOPLE, PRINCIPAL, SESSIONS } from './people.js';
import { CHANNELS, NOTICES } from './channels.js';
import { RECORD } from './record.js';
import { ROLES_TEXTS } from './roles.js';
import { BROKER, GATEWAYS, MAPPING, PROVIDER, PROVIDER_FIELDS, SETTINGS, TRIAL } from './settings.js';
import { APPROVAL } from './approval.js';
import { INBOX } from './inbox.js';
import { REPLAY } from './replay.js';
import { SEARCH } from './search.js';
import { RECORDINGS, TASKS } from './tasks.js';
import { POLICIES, POLICY_PANELS } from './policies.js';
import { OVERVIEW } from './overview.js';
import { COMMON, FAILURES, KEYS, SHELL } from './shell.js';
import { TARGET_FORM, TARGET_TEST, TARGETS } from './targets.js';
import { WEBHOOK, WEBHOOKS } from './webhooks.js';

/** Every text of the page. A feature has a file of its own beside this one, and a line here. */
export const texts = {
  shell: SHELL,
  failures: FAILURES,
  keys: KEYS,
  common: COMMON,
  roles: ROLES_TEXTS,
  people: PEOPLE,
  principal: PRINCIPAL,
  newPrincipal: NEW_PRINCIPAL,
  sessions: SESSIONS,
  apiKeys: API_KEYS,
  record: RECORD,
  me: ME,
  device: DEVICE,
  settings: SETTINGS,
  gateways: GATEWAYS,
  channels: CHANNELS,
  notices: NOTICES,
  broker: BROKER,
  provider: PROVIDER,
  providerFields: PROVIDER_FIELDS,
  mapping: MAPPING,
  trial: TRIAL,
  approval: APPROVAL,
  inbox: INBOX,
  tasks: TASKS,
  recordings: RECORDINGS,
  replay: REPLAY,
  policies: POLICIES,
  policyPanels: POLICY_PANELS,
  targets: TARGETS,
  targetForm: TARGET_FORM,
  targetTest: TARGET_TEST,
  overview: OVERVIEW,
  search: SEARCH,
  webhooks: WEBHOOKS,
  webhook: WEBHOOK,
} as const;
