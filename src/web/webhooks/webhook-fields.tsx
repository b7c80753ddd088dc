import type { WebhookList, WebhookRequest, WebhookView } from '../../contracts/channels/webhook.js';
import { fieldFaults } from '../api/field-faults.js';
import { Choices } from '../parts/form/choices.js';
import { Field } from '../parts/form/field.js';
import { ReasonField } from '../settings/reason-field.js';
import { texts } from '../texts/en.js';

/** A webhook as it is filled in. */
export interface WebhookDraft {
  readonly name: string;
  readonly url: string;
  readonly width: 'all' | 'some';
  readonly types: WebhookRequest['types'];
  readonly include: WebhookRequest['include'];
  readonly reason: string;
}

export function draftOf(webhook?: WebhookView): WebhookDraft {
  const { name = '', url = '', types = [], include = [] } = webhook ?? {};
  return { name, url, width: types.length === 0 ? 'all' : 'some', types, include, reason: '' };
}

export function bodyOf({ name, url, width, types, include, reason }: WebhookDraft): object {
  return {
    name: name.trim(),
    url: url.trim(),
    types: width === 'all' ? [] : types,
    include,
    ...(reason.trim() === '' ? {} : { reason }),
  };
}

export function isReady({ name, url, width, types }: WebhookDraft): boolean {
  return name.trim() !== '' && url.trim() !== '' && (width === 'all' || types.length > 0);
}

export interface WebhookFieldsProps {
  readonly draft: WebhookDraft;
  readonly onChange: (draft: WebhookDraft) => void;
  readonly list: WebhookList;
  readonly error: unknown;
}

/** What is said of a webhook before it is made, or when it is changed. */
export function WebhookFields({ draft, onChange, list, error }: WebhookFieldsProps) {
  const change = (part: Partial<WebhookDraft>) => onChange({ ...draft, ...part });
  const faults = fieldFaults(error);
  const { webhooks: words } = texts;
  const plain = { autoComplete: 'off', autoCapitalize: 'none', spellCheck: false } as const;
  return (
    <>
      <Field label={words.name} hint={words.nameHint} error={faults.get('name')}>
        {(control) => (
          <input
            {...control}
            {...plain}
            value={draft.name}
            onChange={(event) => change({ name: event.target.value })}
          />
        )}
      </Field>
      <Field label={words.url} hint={words.urlHint(list.allowed)} error={faults.get('url')}>
        {(control) => (
          <input
            {...control}
            {...plain}
            type="url"
            value={draft.url}
            onChange={(event) => change({ url: event.target.value })}
          />
        )}
      </Field>
      <TypeChoices draft={draft} change={change} list={list} error={faults.get('types')} />
      {list.allowed.include.length === 0 ? (
        <p className="soft">{words.includeNothing}</p>
      ) : (
        <Choices
          legend={words.include}
          choices={list.allowed.include.map((detail) => ({ value: detail, label: words.details[detail] }))}
          chosen={draft.include}
          onChange={(include) => change({ include: [...include] })}
        />
      )}
      <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} error={faults.get('reason')} />
    </>
  );
}

interface TypeChoicesProps {
  readonly draft: WebhookDraft;
  readonly change: (part: Partial<WebhookDraft>) => void;
  readonly list: WebhookList;
  readonly error: string | undefined;
}

function TypeChoices({ draft, change, list, error }: TypeChoicesProps) {
  const { webhooks: words } = texts;
  return (
    <>
      <Choices
        legend={words.types}
        choices={[
          { value: 'all', label: words.width.all },
          { value: 'some', label: words.width.some },
        ]}
        chosen={[draft.width]}
        onChange={([width = 'all']) => change({ width })}
        isOne
      />
      {draft.width === 'all' ? null : (
        <Choices
          legend={words.width.some}
          choices={list.types.map(({ type, about }) => ({
            value: type,
            label: (
              <>
                <code>{type}</code> <span className="soft">{about}</span>
              </>
            ),
          }))}
          chosen={draft.types}
          onChange={(types) => change({ types: [...types] })}
          error={error}
        />
      )}
    </>
  );
}
