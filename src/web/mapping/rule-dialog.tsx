import './mapping.css';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { IdentityProviderList } from '../../contracts/identity/identity-provider.js';
import { call } from '../api/call.js';
import { ActDialog } from '../parts/dialog/act-dialog.js';
import { Choices } from '../parts/form/choices.js';
import { Field } from '../parts/form/field.js';
import { NameField } from '../people/name-field.js';
import { texts } from '../texts/en.js';
import { numberText } from '../texts/format.js';
import { ConditionFields } from './condition-fields.js';
import { blankRule, draftOfRule, type MappingRule, type RuleDraft, ruleOf } from './rule-draft.js';

export interface RuleDialogProps {
  /** Undefined: a new one. */
  readonly rule: MappingRule | undefined;
  readonly number: number;
  readonly onTake: (rule: MappingRule) => void;
  readonly onClose: () => void;
}

/** One rule, to be filled in; the broker says whether it can be when the rules are put into force. */
export function RuleDialog({ rule, number, onTake, onClose }: RuleDialogProps) {
  const providers = useProviderNames();
  const [draft, setDraft] = useState<RuleDraft>(() => (rule === undefined ? blankRule('') : draftOfRule(rule)));
  const change = (part: Partial<RuleDraft>) => setDraft({ ...draft, ...part });
  const { mapping: words, roles } = texts;
  const provider = draft.provider === '' ? (providers[0] ?? '') : draft.provider;
  return (
    <ActDialog
      title={rule === undefined ? words.ruleNew : words.ruleTitle(numberText(number))}
      isOpen
      onClose={onClose}
      act={words.ruleSave}
      onAct={() => onTake(ruleOf({ ...draft, provider }))}
      isPending={false}
      isReady={provider !== '' && draft.principal.trim() !== '' && draft.roles.length > 0}
    >
      <Field label={words.provider}>
        {(control) => (
          <select {...control} value={provider} onChange={(event) => change({ provider: event.target.value })}>
            {[...new Set([...providers, ...(provider === '' ? [] : [provider])])].map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <ConditionFields conditions={draft.conditions} onChange={(conditions) => change({ conditions })} />
      <NameField label={words.principal} value={draft.principal} onChange={(principal) => change({ principal })} />
      <p className="field-hint">{words.principalHint}</p>
      <Choices
        legend={words.kind}
        isOne
        choices={roles.kinds.map(([value, label]) => ({ value, label }))}
        chosen={[draft.kind]}
        onChange={([kind = draft.kind]) => change({ kind })}
      />
      <Choices
        legend={words.roles}
        choices={roles.roles.map(([value, label]) => ({ value, label }))}
        chosen={draft.roles}
        onChange={(chosen) => change({ roles: chosen })}
      />
      <NameField label={words.groups} value={draft.groups} onChange={(groups) => change({ groups })} />
      <p className="field-hint">{words.groupsHint}</p>
      <p className="soft">{words.ruleSaveHint}</p>
    </ActDialog>
  );
}

/** The names of the providers that there are. */
export function useProviderNames(): readonly string[] {
  const { data } = useQuery({
    queryKey: ['provider-names'],
    queryFn: ({ signal }) => call<IdentityProviderList>('/v1/identity-providers', { signal }),
  });
  return data?.items.map(({ name }) => name) ?? [];
}
