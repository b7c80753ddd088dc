import type { PolicyTrialView } from '../../../contracts/policies/policy.js';
import { shownLines } from '../../../contracts/shown/shown-text.js';
import { Facts } from '../../parts/facts.js';
import { Note } from '../../parts/said/note.js';
import { Shown } from '../../parts/said/shown.js';
import { texts } from '../../texts/en.js';
import { HoldTermsFacts } from './hold-terms.js';
import { VerdictBadge } from './verdict-badge.js';

/** The verdict, what led to it, the terms of a hold, and the facts that it rests on. */
export function TrialOutcome({ trial }: { readonly trial: PolicyTrialView }) {
  const { policyPanels: words } = texts;
  const { verdict, policies, why, hold, facts, access, standing, warnings } = trial;
  return (
    <section aria-label={words.verdict} role="status">
      <p className="replay-summary">
        <VerdictBadge verdict={verdict} /> {words.verdictTexts[verdict]}
      </p>
      <Facts
        rows={[
          [words.ledBy, policies.length === 0 ? words.ledByNone : policies.join(', ')],
          [words.why, why === '' ? null : <Shown key="why" text={why} lines />],
        ]}
      />
      {hold === null ? null : <HoldTermsFacts hold={hold} />}
      {warnings.map(({ policy, code, text }) => (
        <Note key={`${policy} ${code}`} tone="hold">
          <p>{text}</p>
        </Note>
      ))}
      <Json name={words.access} value={access} />
      <Json name={words.standing} value={standing} />
      <Json name={words.facts} value={facts} />
      <p className="soft">{words.noCatalog}</p>
    </section>
  );
}

function Json({ name, value }: { readonly name: string; readonly value: unknown }) {
  if (value === null) return null;
  return (
    <details>
      <summary>{name}</summary>
      {/* A box that scrolls must be reachable by keys. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className="facts-json" tabIndex={0}>
        {shownLines(JSON.stringify(value, null, 2))}
      </pre>
    </details>
  );
}
