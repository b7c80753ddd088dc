import type { IdentityProviderView } from '../../contracts/identity/identity-provider.js';
import { Button } from '../parts/form/button.js';
import { Note } from '../parts/said/note.js';
import { Shown } from '../parts/said/shown.js';
import { Table } from '../parts/list/table.js';
import { texts } from '../texts/en.js';
import { numberText } from '../texts/format.js';
import { differencesOf, draftOf, type ProviderDraft } from './provider-draft.js';

export interface ProviderConflictProps {
  readonly stored: IdentityProviderView;
  readonly draft: ProviderDraft;
  readonly onKeep: () => void;
  readonly onTake: () => void;
}

/** What is stored now beside what was typed, and the choice between them. */
export function ProviderConflict({ stored, draft, onKeep, onTake }: ProviderConflictProps) {
  const rows = differencesOf(draftOf(stored), draft);
  const { provider: words, providerFields } = texts;
  return (
    <Note tone="hold" role="alert">
      <p>
        <strong>{words.conflict}</strong> (<Shown text={stored.changedBy} />)
      </p>
      <p>{rows.length === 0 ? words.same : words.conflictText}</p>
      {rows.length === 0 ? null : (
        <Table caption={words.conflictCaption} head={[words.field, words.stored, words.yours]} stacks>
          {rows.map(({ name, one, other }) => (
            <tr key={name}>
              <th scope="row" data-label={words.field}>
                {providerFields[name]?.label ?? name}
              </th>
              <td data-label={words.stored}>
                <pre className="conflict-value">
                  <Shown text={one} lines />
                </pre>
              </td>
              <td data-label={words.yours}>
                <pre className="conflict-value">
                  <Shown text={other} lines />
                </pre>
              </td>
            </tr>
          ))}
        </Table>
      )}
      <div className="form-acts">
        <Button onClick={onKeep}>{words.keepMine(numberText(stored.revision))}</Button>
        <Button onClick={onTake}>{words.takeTheirs}</Button>
      </div>
    </Note>
  );
}
