import { useEffect, useRef } from 'react';
import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import type { DecisionRequest } from '../../../contracts/approvals/decision.js';
import { useKeys } from '../../keys/keys.js';
import { Button } from '../../parts/form/button.js';
import { Field } from '../../parts/form/field.js';
import { texts } from '../../texts/en.js';
import { useDraft } from './drafts.js';
import { approveText, scopeText, type Scope } from './scope-text.js';
import { ShapeFields, shapeOf, type ShapeDraft } from './shape-fields.js';
import { useJustOpened } from './why-off.js';

const { approval } = texts;

export interface ActFormProps {
  /** Nothing can be decided at this moment, whatever the form says. */
  readonly isOff: boolean;
  readonly onClose: () => void;
  readonly onDecide: (body: DecisionRequest) => void;
}

type Choice = 'offered' | 'any' | 'shape';

/** The second act of approving: how far, a reason if there is one, and the button that names what it does. */
export function ApproveForm({ view, isOff, onClose, onDecide }: ActFormProps & { readonly view: ApprovalView }) {
  const isNew = useJustOpened();
  const offered = view.offeredScope;
  const [choice, setChoice] = useDraft<Choice>(`${view.id} scope`, 'offered');
  const [shape, setShape] = useDraft<ShapeDraft>(`${view.id} shape`, {
    runs: '10',
    rows: String(offered?.rowsMax ?? ''),
  });
  const [reason, setReason] = useDraft(`${view.id} approve`, '');
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => {
    first.current?.focus();
  }, []);
  const scope = scopeOf(choice, offered, shape);
  const approve = () => {
    if (isOff || scope === null) return;
    onDecide({
      decision: 'approve',
      ...(scope === undefined ? {} : { scope }),
      ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
    });
  };
  const wider: readonly Choice[] = view.scopes?.shape.possible === false ? [] : ['shape'];
  const choices: readonly Choice[] =
    offered === null ? [] : offered.rowsMax === null ? ['offered', ...wider] : ['offered', 'any', ...wider];
  useKeys(approval.keys, [
    { key: 'Ctrl+Enter', label: approval.decision, run: approve, inFields: true },
    { key: 'Escape', label: approval.cancel, run: onClose, inFields: true },
    ...choices.map((one, place) => ({
      key: String(place + 1),
      label: labelOf(one, offered),
      run: () => setChoice(one),
    })),
  ]);
  return (
    <form
      className="act-form"
      onSubmit={(event) => {
        event.preventDefault(); // Enter alone decides nothing
      }}
    >
      {choices.length === 0 ? null : (
        <fieldset>
          <legend>{approval.scope}</legend>
          {choices.map((one, place) => (
            <label key={one} className="scope-choice">
              <input
                ref={place === 0 ? first : undefined}
                type="radio"
                name="scope"
                checked={choice === one}
                onChange={() => setChoice(one)}
              />{' '}
              {labelOf(one, offered)} <kbd aria-hidden="true">{place + 1}</kbd>
            </label>
          ))}
          {choice === 'shape' ? <ShapeFields view={view} draft={shape} onChange={setShape} /> : null}
        </fieldset>
      )}
      <Field label={approval.optionalReason}>
        {(control) => (
          <input
            {...control}
            ref={choices.length === 0 ? first : undefined}
            value={reason}
            maxLength={1_000}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
      </Field>
      <div className="decide-acts">
        <Button look="main" disabled={isNew || isOff || scope === null} onClick={approve}>
          {approveText(scope ?? offered ?? undefined)} <kbd aria-hidden="true">{approval.ctrlEnter}</kbd>
        </Button>
        <Button onClick={onClose}>{approval.cancel}</Button>
      </div>
    </form>
  );
}

function labelOf(choice: Choice, offered: Scope | null): string {
  if (choice === 'shape') return approval.scopes.shape;
  return choice === 'any' || offered === null ? approval.scopes.anyRows : scopeText(offered);
}

/** Undefined: none is sent; null: what was typed is no scope. */
function scopeOf(choice: Choice, offered: Scope | null, shape: ShapeDraft): Scope | undefined | null {
  if (offered === null) return undefined;
  if (choice === 'offered') return offered;
  return choice === 'any' ? { kind: 'once', rowsMax: null } : shapeOf(shape);
}
