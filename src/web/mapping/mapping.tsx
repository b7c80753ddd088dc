import { useState } from 'react';
import type { IdentityMappingView } from '../../contracts/identity/identity-mapping.js';
import { useMay } from '../api/me.js';
import { Button } from '../parts/form/button.js';
import { Note } from '../parts/said/note.js';
import { Section } from '../parts/section.js';
import { Shown } from '../parts/said/shown.js';
import { Time } from '../parts/said/time.js';
import { texts } from '../texts/en.js';
import { numberText } from '../texts/format.js';
import { MappingConflict } from './mapping-conflict.js';
import { MappingTrial } from './mapping-trial.js';
import { MappingVersions } from './mapping-versions.js';
import { RulesTable } from './rules-table.js';
import { sameRules, type MappingRule } from './rule-draft.js';
import { SaveMapping } from './save-mapping.js';

/** The rules, changed as a draft, tried and then put into force over the revision that the draft was made from. */
export function Mapping({ inForce }: { readonly inForce: IdentityMappingView }) {
  const [base, setBase] = useState(inForce);
  const [rules, setRules] = useState<readonly MappingRule[]>(inForce.rules);
  const [isSaving, setSaving] = useState(false);
  const mayChange = useMay('provider.write');
  const isChanged = !sameRules(rules, base.rules);
  // Nothing of one's own is lost by what somebody else puts into force.
  const isBehind = inForce.revision !== base.revision;
  const take = (stored: IdentityMappingView) => {
    setBase(stored);
    setRules(stored.rules);
  };
  if (isBehind && !isChanged) take(inForce);
  const { mapping: words } = texts;
  return (
    <>
      <p>{words.text}</p>
      <p className="soft">{base.revision === 0 ? words.never : <InForce mapping={base} />}</p>
      {isBehind && isChanged ? (
        <MappingConflict stored={inForce} rules={rules} onKeep={() => setBase(inForce)} onTake={() => take(inForce)} />
      ) : null}
      <RulesTable rules={rules} onChange={mayChange ? setRules : undefined} />
      {isChanged && !isBehind ? (
        <Note tone="hold" role="status">
          <p>{words.changedRules}</p>
          <Button look="main" onClick={() => setSaving(true)}>
            {words.save}
          </Button>{' '}
          <Button onClick={() => setRules(base.rules)}>{words.discard}</Button>
        </Note>
      ) : null}
      {isSaving ? (
        <SaveMapping
          rules={rules}
          revision={base.revision}
          onSaved={(stored) => {
            setSaving(false);
            take(stored);
          }}
          onClose={() => setSaving(false)}
        />
      ) : null}
      <MappingTrial rules={rules} />
      <Section title={words.versions}>
        <MappingVersions onTake={mayChange ? setRules : undefined} />
      </Section>
    </>
  );
}

function InForce({ mapping }: { readonly mapping: IdentityMappingView }) {
  const { revision, changedBy, changedAt, reason } = mapping;
  const { mapping: words } = texts;
  return (
    <>
      {words.inForce(numberText(revision))} {changedBy === null ? null : <Shown text={words.by(changedBy)} />}{' '}
      {changedAt === null ? null : <Time at={changedAt} />} {reason === null ? null : <Shown text={`“${reason}”`} />}
    </>
  );
}
