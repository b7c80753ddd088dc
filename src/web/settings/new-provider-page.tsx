import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { IdentityProviderView } from '../../contracts/identity/identity-provider.js';
import { call } from '../api/call.js';
import { fieldFaults } from '../api/field-faults.js';
import { takeAnswer } from '../api/take-answer.js';
import { Button } from '../parts/form/button.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Field } from '../parts/form/field.js';
import { texts } from '../texts/en.js';
import { blankDraft, readDraft } from './provider-draft.js';
import { ProviderForm } from './provider-form.js';
import { ReasonField } from './reason-field.js';
import { SettingsFrame } from './settings-frame.js';

const route = getRouteApi('/settings/new-provider');

/** Stores a provider that was not there. */
export function NewProviderPage() {
  const kind = route.useSearch().kind === 'saml' ? 'saml' : 'oidc';
  const { settings } = texts;
  return (
    <SettingsFrame section={kind === 'saml' ? settings.newSaml : settings.newOidc}>
      <p>
        <Link to="/settings">{texts.provider.back}</Link>
      </p>
      <h2>{kind === 'saml' ? settings.newSaml : settings.newOidc}</h2>
      <NewProvider key={kind} kind={kind} />
    </SettingsFrame>
  );
}

function NewProvider({ kind }: { readonly kind: IdentityProviderView['kind'] }) {
  const [name, setName] = useState('');
  const [draft, setDraft] = useState(() => blankDraft(kind));
  const [reason, setReason] = useState('');
  const navigate = useNavigate();
  const queries = useQueryClient();
  const read = readDraft(draft);
  const make = useMutation({
    mutationFn: (body: object) =>
      call<IdentityProviderView>(`/v1/identity-providers/${encodeURIComponent(name.trim())}`, { method: 'PUT', body }),
    onSuccess: async (made) => {
      takeAnswer(queries, ['provider', made.name], made);
      await queries.invalidateQueries({ queryKey: ['providers'] });
      await navigate({ to: '/settings/providers/$name', params: { name: made.name } });
    },
  });
  const faults = 'faults' in read ? read.faults : fieldFaults(make.error);
  const { provider: words, providerFields } = texts;
  return (
    <form
      className="provider-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if ('body' in read) make.mutate({ ...read.body, revision: 0, ...(reason === '' ? {} : { reason }) });
      }}
    >
      <Field label={providerFields['name']?.label ?? ''} hint={providerFields['name']?.hint} error={faults.get('name')}>
        {(control) => (
          <input
            {...control}
            value={name}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <ProviderForm draft={draft} onChange={setDraft} faults={faults} />
      <ReasonField value={reason} onChange={setReason} error={faults.get('reason')} />
      <p className="soft">{words.looksFirst}</p>
      {make.error === null ? null : <FailureNote error={make.error} />}
      <div className="form-acts">
        <Button type="submit" look="main" disabled={make.isPending || name.trim() === '' || 'faults' in read}>
          {make.isPending ? texts.common.working : words.create}
        </Button>
      </div>
    </form>
  );
}
