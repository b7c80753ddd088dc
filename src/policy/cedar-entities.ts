import type { EntityJson, TypeAndId } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicySubject } from '../domain/verdict.js';
import type { Place, PolicyVocabulary } from './vocabulary.js';

const PRINCIPAL_TYPES: Readonly<Record<string, string>> = { agent: 'Agent', user: 'User', service: 'Service' };

export function principalUid({ name, kind }: PolicySubject['principal']): TypeAndId {
  return { type: PRINCIPAL_TYPES[kind] ?? 'Agent', id: name };
}

export function actionUid(action: string): TypeAndId {
  return { type: 'Action', id: action };
}

export function resourceUid({ type, id }: Place): TypeAndId {
  return { type, id };
}

/** All that a request about this place may look at. */
export function entitiesOf(
  { principal, target }: PolicySubject,
  place: Place,
  withLabels: boolean,
): readonly EntityJson[] {
  const { name, kind } = principal;
  const tags = withLabels ? { tags: { ...target.labels } } : {};
  return [
    { uid: principalUid(principal), attrs: { name, kind }, parents: [] },
    ...placesTo(place).map((at): EntityJson => {
      const attrs = { ...at.attributes, target: target.name };
      return { uid: resourceUid(at), attrs, parents: at.above === null ? [] : [resourceUid(at.above)], ...tags };
    }),
  ];
}

function placesTo(place: Place): readonly Place[] {
  return place.above === null ? [place] : [place, ...placesTo(place.above)];
}

/** An action with the groups it is in, and the groups they are in. */
export function actionEntities(action: string, groups: PolicyVocabulary['actionGroups']): readonly EntityJson[] {
  const own = Object.hasOwn(groups, action) ? (groups[action] ?? []) : [];
  return [
    { uid: actionUid(action), attrs: {}, parents: own.map(actionUid) },
    ...own.flatMap((group) => actionEntities(group, groups)),
  ];
}
