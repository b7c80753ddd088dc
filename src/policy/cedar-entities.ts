import type { EntityJson, TypeAndId } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicySubject } from '../domain/verdict.js';
import type { Place, PolicyVocabulary } from './vocabulary.js';

const PRINCIPAL_TYPES: Readonly<Record<string, string>> = { agent: 'Agent', user: 'User', service: 'Service' };

export function principalUid({ name, kind }: PolicySubject['principal']): TypeAndId {
  return { type: PRINCIPAL_TYPES[kind] ?? 'Agent', id: name };
}

/** `Echo::shout` is Cedar's `Echo::Action::"shout"`. */
export function actionUid(action: string): TypeAndId {
  const end = action.lastIndexOf('::');
  if (end < 0) return { type: 'Action', id: action };
  return { type: `${action.slice(0, end)}::Action`, id: action.slice(end + '::'.length) };
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

/** The name of an action with those of the groups it is in, and of the groups they are in. */
export function actionNames(action: string, groups: PolicyVocabulary['actionGroups']): ReadonlySet<string> {
  const seen = new Set([action]);
  // A set takes what is added while it is walked, and each name once: many a group is reached in several ways.
  for (const name of seen) for (const group of groupsOf(name, groups)) seen.add(group);
  return seen;
}

/** An action with the groups it is in, and the groups they are in. */
export function actionEntities(action: string, groups: PolicyVocabulary['actionGroups']): readonly EntityJson[] {
  return [...actionNames(action, groups)].map((name) => ({
    uid: actionUid(name),
    attrs: {},
    parents: groupsOf(name, groups).map(actionUid),
  }));
}

function groupsOf(action: string, groups: PolicyVocabulary['actionGroups']): readonly string[] {
  return Object.hasOwn(groups, action) ? (groups[action] ?? []) : [];
}
