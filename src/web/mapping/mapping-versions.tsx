import './mapping.css';
import { useState } from 'react';
import type { IdentityMappingView } from '../../contracts/identity/identity-mapping.js';
import { useReadList } from '../api/list.js';
import { Button } from '../parts/form/button.js';
import { ListEnd } from '../parts/list/list-end.js';
import { Shown } from '../parts/said/shown.js';
import { Time } from '../parts/said/time.js';
import { texts } from '../texts/en.js';
import { countText, numberText } from '../texts/format.js';
import { RulesTable } from './rules-table.js';
import type { MappingRule } from './rule-draft.js';

export interface MappingVersionsProps {
  /** Undefined: nobody may change anything here. */
  readonly onTake: ((rules: readonly MappingRule[]) => void) | undefined;
}

/** Every mapping that there was; the rules of each can become the draft. */
export function MappingVersions({ onTake }: MappingVersionsProps) {
  const list = useReadList<IdentityMappingView>(['mapping-versions'], '/v1/identity-mapping/versions');
  return (
    <>
      {list.items.map((version) => (
        <Version key={version.revision} version={version} onTake={onTake} />
      ))}
      <ListEnd list={list} empty={texts.mapping.never} />
    </>
  );
}

function Version({
  version: { revision, rules, changedBy, changedAt, reason },
  onTake,
}: MappingVersionsProps & { readonly version: IdentityMappingView }) {
  const [isOpen, setOpen] = useState(false);
  const { mapping: words } = texts;
  return (
    <details className="version" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {words.version(numberText(revision))} · {changedBy === null ? null : <Shown text={words.by(changedBy)} />}{' '}
        {changedAt === null ? null : <Time at={changedAt} />} · {countText(rules.length, 'rule')} ·{' '}
        {reason === null ? <span className="soft">{words.noReason}</span> : <Shown text={`“${reason}”`} />}
      </summary>
      {isOpen ? <RulesTable rules={rules} /> : null}
      {onTake === undefined ? null : <Button onClick={() => onTake(rules)}>{words.take}</Button>}
    </details>
  );
}
