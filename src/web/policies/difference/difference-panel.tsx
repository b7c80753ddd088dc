import { texts } from '../../texts/en.js';
import { DifferenceView } from './difference-view.js';
import type { PolicyPanelProps } from '../draft/policy-draft.js';

/** From the text in force to the one in the editor. */
export function DifferencePanel({ policy, draft }: PolicyPanelProps) {
  const { policyPanels: words } = texts;
  if (policy === null && draft.text === '') return <p className="soft">{words.differenceNew}</p>;
  if (policy?.text === draft.text) return <p className="soft">{words.differenceNone}</p>;
  return <DifferenceView label={words.differenceTitle} before={policy?.text ?? ''} after={draft.text} />;
}
