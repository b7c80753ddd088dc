import { isDeepStrictEqual } from 'node:util';
import type { ApiClient } from '../../../../client/api-client.js';
import { ApiFailure } from '../../../../client/api-failure.js';
import { targetPage, type TargetView, targetView } from '../../../../contracts/grants/target.js';
import { UsageFailure } from '../../terminal/conventions.js';
import { LISTED_MAX, readPages } from '../../terminal/list-pages.js';
import {
  type ApplyChange,
  type ApplyPlanner,
  type ApplyScene,
  documentsOfKind,
  type PlacedDocument,
} from '../apply-change.js';
import { originText, secretAt } from '../secret-origin.js';
import { yamlText } from '../text-of-document.js';
import { type TargetFields, fieldsOf, patchOf, wantedFields, wantsPasswordAgain } from './target-fields.js';

const PATH = '/v1/targets';

/** Targets: the API has no revision of them, so each is read again right before it is changed. */
export const TARGET_PLANNER: ApplyPlanner = {
  async plan(sources, scene) {
    const documents = documentsOfKind('Target', sources);
    const there = await readTargets(scene.api);
    const named = new Set(documents.map(({ document }) => document.name));
    const changes: ApplyChange[] = [];
    for (const placed of documents) {
      const current = there.find(({ name }) => name === placed.document.name);
      changes.push(current === undefined ? await creationOf(placed, scene) : await changeOf(placed, current, scene));
    }
    const unnamed = scene.prune ? there.filter(({ name }) => !named.has(name)) : [];
    return [...changes, ...unnamed.map((target) => deletionOf(target, scene))];
  },
  async documents(api) {
    const targets = await readTargets(api);
    return targets.toReversed().map((target) => ({
      name: target.name,
      spec: {
        ...fieldsOf(target),
        passwordFrom: {
          env: `${target.name
            .toUpperCase()
            .replaceAll(/[^A-Z0-9]/g, '_')
            .replace(/^(?=\d)/, '_')}_PASSWORD`,
        },
      },
    }));
  },
};

async function creationOf(
  { document: { name, spec }, place, folder }: PlacedDocument<'Target'>,
  scene: ApplyScene,
): Promise<ApplyChange> {
  const { passwordFrom } = spec;
  if (passwordFrom === undefined) {
    throw new UsageFailure(`${place}: Target ${name} is new. Say with spec.passwordFrom where its password is.`);
  }
  const password = scene.dryRun ? '' : await secretAt(passwordFrom, { folder, env: scene.env });
  const wanted = wantedFields({}, spec);
  return {
    kind: 'Target',
    name,
    action: 'create',
    place,
    before: '',
    after: yamlText(wanted),
    notes: [`sends the password from ${originText(passwordFrom)}`],
    async run() {
      await scene.api.post(PATH, { name, ...wanted, password }, targetView);
    },
  };
}

async function changeOf(
  { document: { name, spec }, place, folder }: PlacedDocument<'Target'>,
  current: TargetView,
  scene: ApplyScene,
): Promise<ApplyChange> {
  if (spec.protocol !== undefined && spec.protocol !== current.protocol) {
    throw new UsageFailure(
      `${place}: Target ${name} speaks ${current.protocol}, and that does not change. Give what speaks ${spec.protocol} another name.`,
    );
  }
  const before = fieldsOf(current);
  const after = wantedFields(before, spec);
  const isElsewhere = wantsPasswordAgain(before, after);
  if (isElsewhere && spec.passwordFrom === undefined) {
    throw new UsageFailure(
      `${place}: Target ${name} would be at another place or have another account, so its password has to be given again. Say with spec.passwordFrom where it is.`,
    );
  }
  const sends = isElsewhere || !current.hasCredential || scene.secrets ? spec.passwordFrom : undefined;
  const given =
    sends === undefined || scene.dryRun ? {} : { password: await secretAt(sends, { folder, env: scene.env }) };
  const isSame = isDeepStrictEqual(before, after);
  return {
    kind: 'Target',
    name,
    action: isSame && sends === undefined ? 'keep' : 'change',
    place,
    before: yamlText(before),
    after: yamlText(after),
    notes: sends === undefined ? [] : [`sends the password from ${originText(sends)}`],
    async run() {
      await requireUnchanged(scene.api, name, before);
      await scene.api.patch(pathOf(name), { ...patchOf(before, after), ...given }, targetView);
    },
  };
}

function deletionOf(target: TargetView, scene: ApplyScene): ApplyChange {
  const before = fieldsOf(target);
  return {
    kind: 'Target',
    name: target.name,
    action: 'delete',
    place: null,
    before: yamlText(before),
    after: '',
    notes: target.openTasks === 0 ? [] : [`it has ${target.openTasks} grants that are not sealed: it will be refused`],
    async run() {
      await requireUnchanged(scene.api, target.name, before);
      await scene.api.delete(pathOf(target.name));
    },
  };
}

/** @throws ApiFailure */
async function requireUnchanged(api: ApiClient, name: string, before: TargetFields): Promise<void> {
  const now = fieldsOf(await api.get(pathOf(name), targetView));
  if (isDeepStrictEqual(now, before)) return;
  throw new ApiFailure(
    'Someone else has changed the target since the difference was shown. Run the same again.',
    'target_changed',
  );
}

/** @throws ApiFailure where the caller does not see where they are */
async function readTargets(api: ApiClient): Promise<readonly TargetView[]> {
  const { items } = await readPages(api, { path: PATH, query: {}, page: targetPage }, { limit: LISTED_MAX, all: true });
  return items.map((target) => {
    if ('host' in target) return target;
    throw new ApiFailure('Your roles do not show where targets are. The role operator does.', 'forbidden');
  });
}

function pathOf(name: string): string {
  return `${PATH}/${encodeURIComponent(name)}`;
}
