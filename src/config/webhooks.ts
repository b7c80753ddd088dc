import { addresses, oneOf } from './variables.js';

/** What webhooks may do; of the api, which refuses others, and of the worker, which sends. */
export const webhookVariables = {
  WEBHOOK_ALLOWED_NETWORKS: addresses(
    'Addresses and networks that are not public and to which webhooks may be sent nevertheless, with commas between, such as 10.1.0.0/16.',
  ),
  WEBHOOK_ALLOW_HTTP: oneOf(['false', 'true'], 'false', {
    about: 'true: webhooks may have addresses without TLS, too; what is sent there can be read on the way.',
  }),
  WEBHOOK_INCLUDE: oneOf(['none', 'statement', 'rows'], 'none', {
    about:
      'What webhooks may ask for besides the facts: statement, the text of the held statement with its values; rows, that and the preview with rows of the target.',
  }),
};

/** What is read of these variables. */
export interface WebhookSettings {
  readonly WEBHOOK_ALLOWED_NETWORKS: readonly string[];
  readonly WEBHOOK_ALLOW_HTTP: 'false' | 'true';
  readonly WEBHOOK_INCLUDE: 'none' | 'statement' | 'rows';
}

/** What a webhook may include. */
export function includable({ WEBHOOK_INCLUDE }: WebhookSettings): readonly ('statement' | 'rows')[] {
  if (WEBHOOK_INCLUDE === 'none') return [];
  return WEBHOOK_INCLUDE === 'statement' ? ['statement'] : ['statement', 'rows'];
}
