import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { Shown } from '../../parts/said/shown.js';
import { texts } from '../../texts/en.js';

const { approval } = texts;

/** Keys that others have made in the name of the person who decides. */
export function NewKeys({ view: { newKeys } }: { readonly view: ApprovalView }) {
  if (newKeys.length === 0) return null;
  return (
    <details className="new-keys">
      <summary>{approval.newKeys(newKeys.length)}</summary>
      <ul>
        {newKeys.map(({ id, madeBy }) => (
          <li key={id}>
            <Shown text={approval.newKey(id, madeBy ?? approval.madeAtCommandLine)} />
          </li>
        ))}
      </ul>
    </details>
  );
}
