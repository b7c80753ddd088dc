import './mapping.css';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { MappingTrialRequest, MappingTrialView } from '../../contracts/identity/identity-mapping.js';
import { call } from '../api/call.js';
import { Button } from '../parts/form/button.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Field } from '../parts/form/field.js';
import { Section } from '../parts/section.js';
import { texts } from '../texts/en.js';
import { claimsOfToken, isToken, readClaims } from './pasted-claims.js';
import { useProviderNames } from './rule-dialog.js';
import type { MappingRule } from './rule-draft.js';
import { TrialOutcome } from './trial-outcome.js';

type Use = MappingTrialRequest['use'];

/** Asks who somebody with given claims would be by the rules as they stand. A token is read here and never sent. */
export function MappingTrial({ rules }: { readonly rules: readonly MappingRule[] }) {
  const names = useProviderNames();
  const [chosen, setChosen] = useState('');
  const [use, setUse] = useState<Use>('people');
  const [typed, setTyped] = useState('');
  const [fromToken, setFromToken] = useState<'no' | 'read' | 'unreadable'>('no');
  const trial = useMutation({
    mutationFn: (body: object) => call<MappingTrialView>('/v1/identity-mapping/try', { method: 'POST', body }),
  });
  const type = (text: string) => {
    const claims = isToken(text) ? claimsOfToken(text) : undefined;
    setFromToken(isToken(text) ? (claims === undefined ? 'unreadable' : 'read') : 'no');
    setTyped(claims ?? text);
  };
  const provider = chosen === '' ? (names[0] ?? '') : chosen;
  const read = readClaims(typed);
  const { trial: words, mapping } = texts;
  const fault =
    fromToken === 'unreadable' ? words.noToken : 'fault' in read && typed.trim() !== '' ? read.fault : undefined;
  return (
    <Section title={words.title}>
      <p>{words.text}</p>
      <div className="trial">
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            if ('claims' in read) trial.mutate({ provider, use, claims: read.claims, rules });
          }}
        >
          <Field label={mapping.provider}>
            {(control) => (
              <select {...control} value={provider} onChange={(event) => setChosen(event.target.value)}>
                {names.map((name) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label={words.use}>
            {(control) => (
              <select
                {...control}
                value={use}
                onChange={(event) => setUse(event.target.value === 'agents' ? 'agents' : 'people')}
              >
                <option value="people">{words.uses.people}</option>
                <option value="agents">{words.uses.agents}</option>
              </select>
            )}
          </Field>
          <Field label={words.claims} hint={words.claimsHint} error={fault}>
            {(control) => (
              <textarea
                {...control}
                rows={8}
                spellCheck={false}
                autoComplete="off"
                value={typed}
                onChange={(event) => type(event.target.value)}
              />
            )}
          </Field>
          <p role="status">{fromToken === 'read' ? words.tokenRead : ''}</p>
          <Button type="submit" look="main" disabled={trial.isPending || provider === '' || 'fault' in read}>
            {trial.isPending ? texts.common.working : words.act}
          </Button>
        </form>
        <div role="status">
          {trial.error === null ? null : <FailureNote error={trial.error} />}
          {trial.data === undefined ? null : <TrialOutcome outcome={trial.data} />}
        </div>
      </div>
    </Section>
  );
}
