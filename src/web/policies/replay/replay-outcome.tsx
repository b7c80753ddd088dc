import { useState } from 'react';
import type { PolicyReplayView } from '../../../contracts/policies/policy-replay.js';
import { Button } from '../../parts/form/button.js';
import { texts } from '../../texts/en.js';
import { timeText } from '../../texts/format.js';
import { ReplayedTable } from './replayed-table.js';

type Change = PolicyReplayView['changes'][number];

/** How many statements would get another answer, which, and what could not be judged. */
export function ReplayOutcome({ replay }: { readonly replay: PolicyReplayView }) {
  const { policyPanels: words } = texts;
  const { judged, differs, changes, oldest, newest } = replay;
  const [only, setOnly] = useState<Change>();
  const shown =
    only === undefined
      ? differs
      : differs.filter(({ now, would }) => now.verdict === only.from && would.verdict === only.to);
  return (
    <section aria-label={words.tabs.replay}>
      <p className="replay-summary" role="status">
        {judged === 0 ? words.noneJudged : words.summary(differs.length, judged)}
      </p>
      {oldest === null || newest === null ? null : (
        <p className="soft">{words.span(timeText(oldest), timeText(newest))}</p>
      )}
      {changes.length === 0 ? null : (
        <fieldset className="choice-line">
          <legend>{words.shownOnly}</legend>
          <Button aria-pressed={only === undefined} onClick={() => setOnly(undefined)}>
            {words.allChanges}
          </Button>
          {changes.map((change) => (
            <Button key={`${change.from} ${change.to}`} aria-pressed={only === change} onClick={() => setOnly(change)}>
              {changeText(change)}
            </Button>
          ))}
        </fieldset>
      )}
      {shown.length === 0 ? null : <ReplayedTable statements={shown} />}
      <ReplayLimits replay={replay} />
    </section>
  );
}

function changeText({ from, to, count }: Change): string {
  const { policyPanels: words } = texts;
  return from === to ? words.otherTerms(count) : words.change(words.verdicts[from], words.verdicts[to], count);
}

/** What the answer does not say. */
function ReplayLimits({ replay }: { readonly replay: PolicyReplayView }) {
  const { policyPanels: words } = texts;
  const { notUnderstood, driftedSince, notJudged, caveats } = replay;
  return (
    <>
      {notUnderstood === 0 ? null : <p>{words.notUnderstood(notUnderstood)}</p>}
      {driftedSince === 0 ? null : <p>{words.drifted(driftedSince)}</p>}
      {notJudged.length === 0 ? null : (
        <>
          <h3>{words.notJudged}</h3>
          <ul>
            {notJudged.map(({ code, why, count }) => (
              <li key={code}>
                {count}: {why}
              </li>
            ))}
          </ul>
        </>
      )}
      <h3>{words.caveats}</h3>
      <ul className="soft">
        {caveats.map(({ code, text }) => (
          <li key={code}>{text}</li>
        ))}
      </ul>
    </>
  );
}
