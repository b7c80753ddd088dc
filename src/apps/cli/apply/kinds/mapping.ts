import { isDeepStrictEqual } from 'node:util';
import { identityMappingView } from '../../../../contracts/identity/identity-mapping.js';
import { type ApplyPlanner, documentsOfKind, reasonIn } from '../apply-change.js';
import { yamlText } from '../text-of-document.js';

const PATH = '/v1/identity-mapping';

/** The identity mapping: replaced whole, over the revision that it was compared with. */
export const MAPPING_PLANNER: ApplyPlanner = {
  async plan(sources, scene) {
    const [placed] = documentsOfKind('IdentityMapping', sources);
    if (placed === undefined) return [];
    const current = await scene.api.get(PATH, identityMappingView);
    const { rules } = placed.document.spec;
    const isNew = current.revision === 0;
    const [before, after] = [current.rules.map(ruleOf), rules.map(ruleOf)];
    return [
      {
        kind: 'IdentityMapping',
        name: 'default',
        action: isDeepStrictEqual(before, after) ? 'keep' : isNew ? 'create' : 'change',
        place: placed.place,
        before: isNew ? '' : yamlText({ rules: before }),
        after: yamlText({ rules: after }),
        notes: [],
        async run() {
          await scene.api.put(PATH, { rules, revision: current.revision, ...reasonIn(scene) }, identityMappingView);
        },
      },
    ];
  },
  async documents(api) {
    const { rules, revision } = await api.get(PATH, identityMappingView);
    return revision === 0 ? [] : [{ name: 'default', spec: { rules: rules.map(ruleOf) } }];
  },
};

type Rule = (typeof identityMappingView)['_output']['rules'][number];

/** In one order of fields, whatever order it came in. */
function ruleOf({ provider, when, principal, kind, roles, groups }: Rule): Rule {
  return { provider, when, principal, kind, roles, groups };
}
