import { useState } from 'react';
import type { KnownPrincipalView } from '../../contracts/identity/principal.js';
import { fieldFaults } from '../api/field-faults.js';
import { useMay } from '../api/me.js';
import { ActDialog } from '../parts/dialog/act-dialog.js';
import { Button } from '../parts/form/button.js';
import { Field } from '../parts/form/field.js';
import { Section } from '../parts/section.js';
import { Shown } from '../parts/said/shown.js';
import { Table } from '../parts/list/table.js';
import { visibleName } from '../parts/said/visible-name.js';
import { texts } from '../texts/en.js';
import { wordsIn } from '../texts/lists.js';
import { useChangePrincipal } from './principal-query.js';

/** The groups of a principal with where each comes from; those of operators can be changed. */
export function GroupsPart({ principal }: { readonly principal: KnownPrincipalView }) {
  const { groups, mappedGroups, provider } = principal;
  const [isChanging, setChanging] = useState(false);
  const mayChange = useMay('principal.write');
  const { principal: words, people } = texts;
  return (
    <Section
      title={people.groups}
      acts={mayChange ? <Button onClick={() => setChanging(true)}>{words.groupsChange}</Button> : null}
    >
      {groups.length + mappedGroups.length === 0 ? (
        <p className="soft">{words.noGroups}</p>
      ) : (
        <Table caption={words.groupsCaption} head={[people.group, words.groupFrom]} stacks>
          {groups.map((group) => (
            <GroupRow key={group} group={group} origin={people.fromOperator} />
          ))}
          {mappedGroups.map((group) => (
            <GroupRow
              key={`mapped ${group}`}
              group={group}
              origin={people.fromProvider(provider ?? texts.common.unknown)}
            />
          ))}
        </Table>
      )}
      {isChanging ? <GroupsDialog principal={principal} onClose={() => setChanging(false)} /> : null}
    </Section>
  );
}

function GroupRow({ group, origin }: { readonly group: string; readonly origin: string }) {
  return (
    <tr>
      <th scope="row" data-label={texts.people.group}>
        <Shown text={group} />
      </th>
      <td data-label={texts.principal.groupFrom}>{origin}</td>
    </tr>
  );
}

function GroupsDialog({
  principal: { name, groups },
  onClose,
}: {
  readonly principal: KnownPrincipalView;
  readonly onClose: () => void;
}) {
  const [typed, setTyped] = useState(groups.join(' '));
  const change = useChangePrincipal(name, onClose);
  const { principal: words } = texts;
  return (
    <ActDialog
      title={words.groupsTitle(visibleName(name))}
      isOpen
      onClose={onClose}
      act={texts.common.save}
      onAct={() => change.mutate({ groups: [...wordsIn(typed)] })}
      isPending={change.isPending}
      error={change.error}
    >
      <Field label={words.groupsLabel} hint={words.groupsHint} error={fieldFaults(change.error).get('groups')}>
        {(control) => (
          <textarea {...control} rows={3} value={typed} onChange={(event) => setTyped(event.target.value)} />
        )}
      </Field>
    </ActDialog>
  );
}
