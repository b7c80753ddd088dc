import { useState } from 'react';
import { fieldFaults } from '../../api/field-faults.js';
import { Button } from '../../parts/form/button.js';
import { FailureNote } from '../../parts/said/failure-note.js';
import { Field } from '../../parts/form/field.js';
import { texts } from '../../texts/en.js';
import { numberText } from '../../texts/format.js';
import type { PolicyPanelProps } from '../draft/policy-draft.js';
import { useReplay } from '../policy-query.js';
import { ReplayOutcome } from './replay-outcome.js';
import { TargetSelect } from '../trial/target-select.js';

const COUNTS = [100, 500, 2000] as const;

/** What the text in the editor would have changed of what was recorded. */
export function ReplayPanel({ name, draft }: PolicyPanelProps) {
  const [target, setTarget] = useState('');
  const [last, setLast] = useState('2000');
  const replay = useReplay();
  const { policyPanels: words } = texts;
  return (
    <form
      className="policy-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        replay.mutate({ name, text: draft.text, last: Number(last), ...(target === '' ? {} : { target }) });
      }}
    >
      <p className="soft">{words.replayIntro}</p>
      <div className="field-pair">
        <Field label={words.last} error={fieldFaults(replay.error).get('last')}>
          {(control) => (
            <select {...control} value={last} onChange={(event) => setLast(event.target.value)}>
              {COUNTS.map((count) => (
                <option key={count} value={count}>
                  {numberText(count)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <TargetSelect value={target} none={words.anyTarget} onChange={setTarget} />
      </div>
      <Button type="submit" look="main" disabled={replay.isPending}>
        {replay.isPending ? words.judging : words.judge}
      </Button>
      {replay.isError ? <FailureNote error={replay.error} /> : null}
      {replay.data === undefined || replay.isPending ? null : <ReplayOutcome replay={replay.data} />}
    </form>
  );
}
