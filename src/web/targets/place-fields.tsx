import { Field } from '../parts/form/field.js';
import { texts } from '../texts/en.js';
import type { FieldGroupProps } from './target-draft.js';
import { TextInput } from './text-input.js';

const MODES = ['verify-identity', 'verify-ca', 'unverified', 'off'] as const;

/** Where a target is, and how the path to it is protected. */
export function PlaceFields({ draft, change, faults, isNew }: FieldGroupProps) {
  const { targetForm: words } = texts;
  const isVerified = draft.tlsMode.startsWith('verify');
  return (
    <fieldset>
      <legend>{words.connection}</legend>
      {isNew ? (
        <TextInput
          label={texts.targets.name}
          hint={texts.targets.nameHint}
          error={faults.get('name')}
          value={draft.name}
          onChange={(name) => change({ name })}
        />
      ) : null}
      <TextInput
        label={words.host}
        error={faults.get('host')}
        value={draft.host}
        onChange={(host) => change({ host })}
      />
      <TextInput
        label={words.port}
        hint={isNew ? words.portHint : undefined}
        error={faults.get('port')}
        inputMode="numeric"
        value={draft.port}
        onChange={(port) => change({ port })}
      />
      <Field label={words.tlsMode} error={faults.get('tls.mode')}>
        {(control) => (
          <select {...control} value={draft.tlsMode} onChange={(event) => change({ tlsMode: event.target.value })}>
            {isNew ? <option value="">{words.tlsDefault}</option> : null}
            {MODES.map((mode) => (
              <option key={mode} value={mode}>
                {words.tlsModes[mode]}
              </option>
            ))}
          </select>
        )}
      </Field>
      {isVerified ? <CertificateFields draft={draft} change={change} faults={faults} isNew={isNew} /> : null}
    </fieldset>
  );
}

function CertificateFields({ draft, change, faults }: FieldGroupProps) {
  const { targetForm: words } = texts;
  return (
    <>
      <TextInput
        label={words.serverName}
        hint={words.serverNameHint}
        error={faults.get('tls.serverName')}
        value={draft.serverName}
        onChange={(serverName) => change({ serverName })}
      />
      <div className="wide">
        <Field label={words.ca} hint={words.caHint} error={faults.get('tls.ca')}>
          {(control) => (
            <textarea
              {...control}
              spellCheck={false}
              value={draft.ca}
              onChange={(event) => change({ ca: event.target.value })}
            />
          )}
        </Field>
      </div>
    </>
  );
}
