import { useState } from 'react';
import { fieldFaults } from '../../api/field-faults.js';
import { useMay } from '../../api/me.js';
import { Button } from '../../parts/form/button.js';
import { FailureNote } from '../../parts/said/failure-note.js';
import { Field } from '../../parts/form/field.js';
import { texts } from '../../texts/en.js';
import { GrantTrialFields } from './grant-trial-fields.js';
import { StatementTrialFields } from './statement-trial-fields.js';
import type { PolicyPanelProps } from '../draft/policy-draft.js';
import { useTry } from '../policy-query.js';
import { TargetSelect } from './target-select.js';
import { EMPTY_TRIAL, trialOf, type TrialDraft } from './trial-draft.js';
import { TrialOutcome } from './trial-outcome.js';

const KINDS = ['statement', 'grant'] as const;

/** What one statement, or one request for a grant, would get. */
export function TryPanel({ name, draft }: PolicyPanelProps) {
  const [trial, setTrial] = useState(EMPTY_TRIAL);
  const [isWithDraft, setWithDraft] = useState(true);
  const mayWrite = useMay('policy.write');
  const tried = useTry();
  const faults = fieldFaults(tried.error);
  const change = (changed: Partial<TrialDraft>) => setTrial((before) => ({ ...before, ...changed }));
  const usesDraft = mayWrite && isWithDraft && draft.isChanged;
  const { policyPanels: words } = texts;
  return (
    <form
      className="policy-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        tried.mutate(trialOf(trial, usesDraft ? { name, text: draft.text } : undefined));
      }}
    >
      <p className="soft">{words.nothingSent}</p>
      <fieldset className="choice-line">
        <legend>{words.tryKind}</legend>
        {KINDS.map((kind) => (
          <label key={kind} className="check-line">
            <input type="radio" name="kind" checked={trial.kind === kind} onChange={() => change({ kind })} />
            {kind === 'statement' ? words.tryStatement : words.tryGrant}
          </label>
        ))}
      </fieldset>
      <div className="field-pair">
        <TargetSelect
          value={trial.target}
          none={words.chooseTarget}
          error={faults.get('target')}
          onChange={(target) => change({ target })}
        />
        <Field label={words.principal} hint={words.principalHint} error={faults.get('principal')}>
          {(control) => (
            <input
              {...control}
              spellCheck={false}
              value={trial.principal}
              onChange={(event) => change({ principal: event.target.value })}
            />
          )}
        </Field>
      </div>
      {trial.kind === 'statement' ? (
        <StatementTrialFields trial={trial} change={change} faults={faults} />
      ) : (
        <GrantTrialFields trial={trial} change={change} faults={faults} />
      )}
      {mayWrite && draft.isChanged ? (
        <label className="check-line">
          <input type="checkbox" checked={isWithDraft} onChange={(event) => setWithDraft(event.target.checked)} />
          {words.withDraft}
        </label>
      ) : null}
      <Button type="submit" look="main" disabled={tried.isPending || trial.target === ''}>
        {tried.isPending ? texts.common.working : words.run}
      </Button>
      {tried.isError ? <FailureNote error={tried.error} /> : null}
      {tried.data === undefined ? null : <TrialOutcome trial={tried.data} />}
    </form>
  );
}
