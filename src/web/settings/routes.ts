import { createLazyRoute, createRoute } from '@tanstack/react-router';
import { urlTexts } from '../api/url-texts.js';
import { rootRoute } from '../shell/root-route.js';

const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/settings',
}).lazy(() =>
  import('./providers-page.js').then(({ ProvidersPage }) => createLazyRoute('/settings')({ component: ProvidersPage })),
);

const newProviderRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/settings/new-provider',
  validateSearch: (search) => urlTexts(search, ['kind']),
}).lazy(() =>
  import('./new-provider-page.js').then(({ NewProviderPage }) =>
    createLazyRoute('/settings/new-provider')({ component: NewProviderPage }),
  ),
);

const providerRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/settings/providers/$name',
}).lazy(() =>
  import('./provider-page.js').then(({ ProviderPage }) =>
    createLazyRoute('/settings/providers/$name')({ component: ProviderPage }),
  ),
);

const mappingRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/settings/mapping',
}).lazy(() =>
  import('../mapping/mapping-page.js').then(({ MappingPage }) =>
    createLazyRoute('/settings/mapping')({ component: MappingPage }),
  ),
);

const gatewaysRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/settings/gateways',
}).lazy(() =>
  import('./gateways-page.js').then(({ GatewaysPage }) =>
    createLazyRoute('/settings/gateways')({ component: GatewaysPage }),
  ),
);

const channelsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/settings/channels',
}).lazy(() =>
  import('./channels-page.js').then(({ ChannelsPage }) =>
    createLazyRoute('/settings/channels')({ component: ChannelsPage }),
  ),
);

const webhooksRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/settings/webhooks',
}).lazy(() =>
  import('../webhooks/webhooks-page.js').then(({ WebhooksPage }) =>
    createLazyRoute('/settings/webhooks')({ component: WebhooksPage }),
  ),
);

const webhookRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/settings/webhooks/$id',
}).lazy(() =>
  import('../webhooks/webhook-page.js').then(({ WebhookPage }) =>
    createLazyRoute('/settings/webhooks/$id')({ component: WebhookPage }),
  ),
);

const brokerRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/settings/broker',
}).lazy(() =>
  import('./broker-page.js').then(({ BrokerPage }) => createLazyRoute('/settings/broker')({ component: BrokerPage })),
);

export const settingsRoutes = [
  settingsRoute,
  newProviderRoute,
  providerRoute,
  mappingRoute,
  gatewaysRoute,
  channelsRoute,
  webhooksRoute,
  webhookRoute,
  brokerRoute,
] as const;
