import type { ApiClient } from '../../../../client/api-client.js';
import { ApiFailure } from '../../../../client/api-failure.js';
import { policyCheckView, policyList, policyView, type PolicyView } from '../../../../contracts/policies/policy.js';
import {
  type ApplyChange,
  type ApplyPlanner,
  type ApplyScene,
  documentsOfKind,
  type PlacedDocument,
  reasonIn,
} from '../apply-change.js';
import { boundedText, pathBelow } from '../bounded-file.js';

/** More than any policy may have, in bytes of UTF-8. */
const TEXT_BYTES_MAX = 1024 * 1024;

/** Policies: each is written over the revision that it was compared with. */
export const POLICY_PLANNER: ApplyPlanner = {
  async plan(sources, scene) {
    const documents = documentsOfKind('Policy', sources);
    const { items } = await scene.api.get('/v1/policies', policyList);
    const there = new Set(items.map(({ name }) => name));
    const named = new Set(documents.map(({ document }) => document.name));
    const changes: ApplyChange[] = [];
    for (const placed of documents) {
      const { name } = placed.document;
      changes.push(await changeOf(placed, there.has(name) ? await readPolicy(scene.api, name) : null, scene));
    }
    for (const name of scene.prune ? there : []) {
      if (!named.has(name)) changes.push(deletionOf(await readPolicy(scene.api, name), scene));
    }
    return changes;
  },
  async documents(api) {
    const { items } = await api.get('/v1/policies', policyList);
    const policies = await Promise.all(items.map(({ name }) => readPolicy(api, name)));
    return policies.map(({ name, text }) => ({ name, spec: { text } }));
  },
};

async function changeOf(
  { document: { name, spec }, place, folder }: PlacedDocument<'Policy'>,
  current: PolicyView | null,
  scene: ApplyScene,
): Promise<ApplyChange> {
  const text = 'text' in spec ? spec.text : await textAt(spec.textFrom.file, folder);
  const isSame = current?.text === text;
  return {
    kind: 'Policy',
    name,
    action: current === null ? 'create' : isSame ? 'keep' : 'change',
    place,
    before: current?.text ?? '',
    after: text,
    notes: isSame ? [] : [...endNote(current?.text, text), ...(await warningsOf(scene.api, { name, text }))],
    async run() {
      const body = { text, revision: current?.revision ?? 0, ...reasonIn(scene) };
      await scene.api.put(pathOf(name), body, policyView);
    },
  };
}

/** What a difference of lines does not show. */
function endNote(before: string | undefined, after: string): readonly string[] {
  const isEndAlone = before !== undefined && before.replace(/\n$/, '') === after.replace(/\n$/, '');
  return isEndAlone ? ['only the line break at its end differs'] : [];
}

/** What the broker would say of the text; one that it would refuse is refused here, before anything is done. @throws ApiFailure */
async function warningsOf(api: ApiClient, draft: { name: string; text: string }): Promise<readonly string[]> {
  const { problem, warnings } = await api.post('/v1/policies/check', draft, policyCheckView);
  if (problem !== null) {
    const { policy, line, column, reason } = problem;
    throw new ApiFailure(
      `Policy ${draft.name}: It would not be valid, so nothing was done. In ${policy}, line ${line}, column ${column}: ${reason}`,
      'policy_invalid',
    );
  }
  return warnings.map(({ line, text }) => `warning, line ${line}: ${text}`);
}

function deletionOf({ name, text, revision }: PolicyView, scene: ApplyScene): ApplyChange {
  return {
    kind: 'Policy',
    name,
    action: 'delete',
    place: null,
    before: text,
    after: '',
    notes: [],
    async run() {
      const query = new URLSearchParams({ revision: String(revision), ...reasonIn(scene) });
      await scene.api.delete(`${pathOf(name)}?${query.toString()}`);
    },
  };
}

function readPolicy(api: ApiClient, name: string): Promise<PolicyView> {
  return api.get(pathOf(name), policyView);
}

function pathOf(name: string): string {
  return `/v1/policies/${encodeURIComponent(name)}`;
}

async function textAt(file: string, folder: string): Promise<string> {
  return boundedText(await pathBelow(folder, file), { bytesMax: TEXT_BYTES_MAX, name: file });
}
