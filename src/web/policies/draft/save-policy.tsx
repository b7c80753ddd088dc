import { useState } from 'react';
import { fieldFaults } from '../../api/field-faults.js';
import { isRefusal } from '../../api/failure.js';
import { Button } from '../../parts/form/button.js';
import { FailureNote } from '../../parts/said/failure-note.js';
import { Field } from '../../parts/form/field.js';
import { texts } from '../../texts/en.js';
import type { WrittenPolicy } from './policy-draft.js';
import { useSavePolicy } from '../policy-query.js';

/** The reason and the button that saves. A refusal stands here; what was written stays where it is. */
export function SavePolicy({ name, draft }: { readonly name: string; readonly draft: WrittenPolicy }) {
  const [lacksReason, setLacksReason] = useState(false);
  const save = useSavePolicy(name, draft.drop);
  const { policies: words } = texts;
  const { text, reason, base, isChanged, isConflict } = draft;
  const submit = () => {
    setLacksReason(reason.trim() === '');
    if (reason.trim() !== '') save.mutate({ text, revision: base.revision, reason: reason.trim() });
  };
  const missing = lacksReason && reason.trim() === '' ? words.reasonMissing : undefined;
  // That somebody else was first is said above the text.
  const isShown = save.isError && !(isRefusal(save.error, 'policy_changed') && isConflict);
  return (
    <form
      className="policy-save"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (isChanged && !isConflict && !save.isPending) submit();
      }}
    >
      <Field label={words.reason} hint={words.reasonHint} error={missing ?? fieldFaults(save.error).get('reason')}>
        {(control) => <input {...control} value={reason} onChange={(event) => draft.explain(event.target.value)} />}
      </Field>
      {isShown ? <FailureNote error={save.error} /> : null}
      <div className="policy-acts">
        <Button type="submit" look="main" disabled={!isChanged || isConflict || save.isPending}>
          {save.isPending ? words.saving : words.save}
        </Button>
        <Button disabled={!isChanged || save.isPending} onClick={draft.drop}>
          {words.undo}
        </Button>
      </div>
      <p role="status" className="soft">
        {save.isSuccess && !isChanged ? words.saved : isChanged ? '' : words.unchanged}
      </p>
    </form>
  );
}
