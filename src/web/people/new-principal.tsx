import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { PrincipalRequest, PrincipalView } from '../../contracts/identity/principal.js';
import { call } from '../api/call.js';
import { fieldFaults } from '../api/field-faults.js';
import { ActDialog } from '../parts/dialog/act-dialog.js';
import { Choices } from '../parts/form/choices.js';
import { Field } from '../parts/form/field.js';
import { texts } from '../texts/en.js';
import { wordsIn } from '../texts/lists.js';

const BLANK = { name: '', kind: 'user', roles: [], groups: '' } as const satisfies Draft;

interface Draft extends Pick<PrincipalRequest, 'kind'> {
  readonly name: string;
  readonly roles: readonly PrincipalRequest['roles'][number][];
  readonly groups: string;
}

/** Asks for what makes a principal, and goes to its page. */
export function NewPrincipal({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const [draft, setDraft] = useState<Draft>(BLANK);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const make = useMutation({
    mutationFn: ({ name, kind, roles, groups }: Draft) =>
      call<PrincipalView>('/v1/principals', {
        method: 'POST',
        body: { name: name.trim(), kind, roles, groups: wordsIn(groups) },
      }),
    onSuccess: async ({ name }) => {
      setDraft(BLANK);
      onClose();
      await queries.invalidateQueries({ queryKey: ['principals'] });
      await navigate({ to: '/people/$name', params: { name } });
    },
  });
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const faults = fieldFaults(make.error);
  const { newPrincipal, people, roles } = texts;
  return (
    <ActDialog
      title={newPrincipal.title}
      isOpen={isOpen}
      onClose={onClose}
      act={newPrincipal.act}
      onAct={() => make.mutate(draft)}
      isPending={make.isPending}
      error={make.error}
      isReady={draft.name.trim() !== '' && draft.roles.length > 0}
    >
      <Field label={people.name} hint={newPrincipal.nameHint} error={faults.get('name')}>
        {(control) => (
          <input
            {...control}
            value={draft.name}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            onChange={(event) => change({ name: event.target.value })}
          />
        )}
      </Field>
      <Choices
        legend={newPrincipal.kind}
        isOne
        choices={roles.kinds.map(([value, label]) => ({ value, label }))}
        chosen={[draft.kind]}
        onChange={([kind = draft.kind]) => change({ kind })}
      />
      <Choices
        legend={newPrincipal.roles}
        choices={roles.roles.map(([value, label]) => ({ value, label }))}
        chosen={draft.roles}
        onChange={(chosen) => change({ roles: chosen })}
        error={faults.get('roles')}
      />
      <p className="field-hint">{newPrincipal.rolesHint}</p>
      <Field label={newPrincipal.groups} error={faults.get('groups')}>
        {(control) => (
          <input {...control} value={draft.groups} onChange={(event) => change({ groups: event.target.value })} />
        )}
      </Field>
    </ActDialog>
  );
}
