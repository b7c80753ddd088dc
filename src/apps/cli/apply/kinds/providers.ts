import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { ApiClient } from '../../../../client/api-client.js';
import {
  identityProviderList,
  identityProviderView,
  type IdentityProviderView,
} from '../../../../contracts/identity/identity-provider.js';
import {
  type ApplyChange,
  type ApplyPlanner,
  type ApplyScene,
  documentsOfKind,
  type PlacedDocument,
  reasonIn,
} from '../apply-change.js';
import { type ProviderSpec, providerSpec } from '../apply-document.js';
import { originText, secretAt } from '../secret-origin.js';
import { yamlText } from '../text-of-document.js';

const PATH = '/v1/identity-providers';

/** Identity providers: each is replaced whole, over the revision that it was compared with. */
export const PROVIDER_PLANNER: ApplyPlanner = {
  async plan(sources, scene) {
    const documents = documentsOfKind('IdentityProvider', sources);
    const there = await readProviders(scene.api);
    const named = new Set(documents.map(({ document }) => document.name));
    const changes: ApplyChange[] = [];
    for (const placed of documents) {
      const current = there.find(({ name }) => name === placed.document.name);
      changes.push(await changeOf(placed, current ?? null, scene));
    }
    const unnamed = scene.prune ? there.filter(({ name }) => !named.has(name)) : [];
    return [...changes, ...unnamed.map((provider) => deletionOf(provider, scene))];
  },
  async documents(api) {
    return (await readProviders(api)).map((provider) => ({
      name: provider.name,
      spec: {
        ...settingsOf(provider),
        ...('hasClientSecret' in provider && provider.hasClientSecret
          ? { clientSecretFrom: { env: `${provider.name.toUpperCase().replaceAll('-', '_')}_CLIENT_SECRET` } }
          : {}),
      },
    }));
  },
};

async function changeOf(
  { document: { name, spec }, place, folder }: PlacedDocument<'IdentityProvider'>,
  current: IdentityProviderView | null,
  scene: ApplyScene,
): Promise<ApplyChange> {
  const wanted = ordered(spec);
  const origin = spec.kind === 'oidc' ? spec.clientSecretFrom : undefined;
  const isSame = current !== null && isDeepStrictEqual(comparable(settingsOf(current)), comparable(wanted));
  const lacksSecret = current === null || !('hasClientSecret' in current) || !current.hasClientSecret;
  const otherClient = current?.kind === 'oidc' && spec.kind === 'oidc' && current.clientId !== spec.clientId;
  const sends = origin !== undefined && (lacksSecret || otherClient || scene.secrets) ? origin : undefined;
  const secret = sends === undefined || scene.dryRun ? undefined : await secretAt(sends, { folder, env: scene.env });
  return {
    kind: 'IdentityProvider',
    name,
    action: current === null ? 'create' : isSame && sends === undefined ? 'keep' : 'change',
    place,
    before: current === null ? '' : yamlText(settingsOf(current)),
    after: yamlText(isSame ? settingsOf(current) : wanted),
    notes: sends === undefined ? [] : [`sends the client secret from ${originText(sends)}`],
    async run() {
      const given = secret === undefined ? {} : { clientSecret: secret };
      const body = { ...wanted, ...given, revision: current?.revision ?? 0, ...reasonIn(scene) };
      await scene.api.put(pathOf(name), body, identityProviderView);
    },
  };
}

function deletionOf(provider: IdentityProviderView, scene: ApplyScene): ApplyChange {
  const { name, revision } = provider;
  return {
    kind: 'IdentityProvider',
    name,
    action: 'delete',
    place: null,
    before: yamlText(settingsOf(provider)),
    after: '',
    notes: ['nobody that it brought can sign in any more'],
    async run() {
      const query = new URLSearchParams({ revision: String(revision), ...reasonIn(scene) });
      await scene.api.delete(`${pathOf(name)}?${query.toString()}`);
    },
  };
}

/** What a document would say of it: the settings, without what the API tells besides. */
function settingsOf(provider: IdentityProviderView): object {
  const [fields] = providerSpec.options.filter(({ shape }) => shape.kind.value === provider.kind);
  const known = Object.keys(fields?.shape ?? {});
  return ordered(withoutNull(Object.fromEntries(Object.entries(provider).filter(([name]) => known.includes(name)))));
}

const anyRecord = z.record(z.string(), z.unknown());

/** The API says null where a document says nothing. */
function withoutNull(value: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null && field !== undefined)
      .map(([name, field]: [string, unknown]) => {
        const inner = anyRecord.safeParse(field);
        return [name, inner.success && name === 'attributes' ? withoutNull(inner.data) : field];
      }),
  );
}

/** In the order of the schema, and without where the secret comes from. */
function ordered(spec: ProviderSpec | Record<string, unknown>): Record<string, unknown> {
  const [fields] = providerSpec.options.filter(({ shape }) => shape.kind.value === spec.kind);
  const given = new Map(Object.entries(spec));
  const names = Object.keys(fields?.shape ?? {}).filter(
    (name) => name !== 'clientSecretFrom' && given.get(name) !== undefined,
  );
  return Object.fromEntries(names.map((name) => [name, given.get(name)]));
}

/** A certificate is the same however its text is broken into lines. */
function comparable(settings: object): object {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]: [string, unknown]) => [
      name,
      name === 'certificates' && Array.isArray(value) ? value.map((pem) => String(pem).replaceAll(/\s+/g, '')) : value,
    ]),
  );
}

async function readProviders(api: ApiClient): Promise<readonly IdentityProviderView[]> {
  const { items } = await api.get(PATH, identityProviderList);
  return Promise.all(items.map(({ name }) => api.get(pathOf(name), identityProviderView)));
}

function pathOf(name: string): string {
  return `${PATH}/${encodeURIComponent(name)}`;
}
