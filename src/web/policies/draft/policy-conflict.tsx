import { useState } from 'react';
import type { PolicyView } from '../../../contracts/policies/policy.js';
import { Button } from '../../parts/form/button.js';
import { Note } from '../../parts/said/note.js';
import { Shown } from '../../parts/said/shown.js';
import { texts } from '../../texts/en.js';
import { DifferenceView } from '../difference/difference-view.js';
import type { WrittenPolicy } from './policy-draft.js';

export interface PolicyConflictProps {
  /** What is in force now; null: it was deleted. */
  readonly policy: PolicyView | null;
  readonly draft: WrittenPolicy;
}

/** Somebody else was first: their text beside one's own, and what to do. */
export function PolicyConflict({ policy, draft }: PolicyConflictProps) {
  const [isSeeing, setSeeing] = useState(false);
  const { policies: words } = texts;
  return (
    <Note tone="hold" role="alert">
      <p>
        {policy === null ? (
          words.conflictGone
        ) : (
          <Shown
            text={words.conflict(
              policy.revision,
              policy.updatedBy === null ? words.shipped : words.changedBy(policy.updatedBy),
            )}
          />
        )}
      </p>
      <div className="policy-acts">
        <Button aria-expanded={isSeeing} onClick={() => setSeeing(!isSeeing)}>
          {words.conflictSee}
        </Button>
        <Button onClick={draft.keepMine}>{words.conflictKeep}</Button>
        <Button onClick={draft.drop}>{words.conflictTake}</Button>
      </div>
      {isSeeing ? <DifferenceView label={words.conflictSee} before={policy?.text ?? ''} after={draft.text} /> : null}
    </Note>
  );
}
