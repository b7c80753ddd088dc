import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { Shown } from '../../parts/said/shown.js';
import { texts } from '../../texts/en.js';

const { approval } = texts;

/** What the agent is told, word for word, for the state that it is in. */
export function ToldPart({ view: { told } }: { readonly view: ApprovalView }) {
  const now = told.filter(({ isNow }) => isNow);
  if (now.length === 0) return null;
  return (
    <section className="approval-part">
      <h3>{approval.told}</h3>
      {now.map(({ state, text }) =>
        text === null ? (
          <p key={state}>{approval.toldNothing}</p>
        ) : (
          <blockquote key={state} className="told">
            <Shown text={text} lines />
          </blockquote>
        ),
      )}
    </section>
  );
}
