import { queryOptions, useQuery, type QueryClient } from '@tanstack/react-query';
import type { WebhookList, WebhookView } from '../../contracts/channels/webhook.js';
import { call } from '../api/call.js';
import { useMay } from '../api/me.js';

const ASK_AGAIN_MS = 5_000;

const webhooksQuery = queryOptions({
  queryKey: ['webhooks'],
  queryFn: ({ signal }) => call<WebhookList>('/v1/webhooks', { signal }),
  refetchInterval: ASK_AGAIN_MS,
});

/** All webhooks, again and again; nobody asks who may not see them. */
export function useWebhooks() {
  return useQuery({ ...webhooksQuery, enabled: useMay('webhook.read') });
}

/** A webhook as all parts of the page show it: what is sent to it changes by itself. */
export function webhookPath(id: string): string {
  return `/v1/webhooks/${encodeURIComponent(id)}`;
}

export function asksAgain(queries: QueryClient): Promise<unknown> {
  return Promise.all([['webhooks'], ['deliveries']].map((queryKey) => queries.invalidateQueries({ queryKey })));
}

/** Whether it is sent nothing, or its last attempts failed. */
export function signOf({ state, failingSince }: WebhookView): 'enabled' | 'paused' | 'failing' {
  return state === 'paused' ? 'paused' : failingSince === null ? 'enabled' : 'failing';
}
