import './mapping.css';
import type { IdentityMappingView } from '../../contracts/identity/identity-mapping.js';
import { Button } from '../parts/form/button.js';
import { Note } from '../parts/said/note.js';
import { Shown } from '../parts/said/shown.js';
import { texts } from '../texts/en.js';
import { numberText } from '../texts/format.js';
import { type MappingRule, sameRules } from './rule-draft.js';

export interface MappingConflictProps {
  readonly stored: IdentityMappingView;
  readonly rules: readonly MappingRule[];
  readonly onKeep: () => void;
  readonly onTake: () => void;
}

/** What was put into force meanwhile beside one's own rules, and the choice between them. */
export function MappingConflict({ stored, rules, onKeep, onTake }: MappingConflictProps) {
  const { mapping: words, provider } = texts;
  return (
    <Note tone="hold" role="alert">
      <p>
        <strong>{words.conflict}</strong>{' '}
        {stored.changedBy === null ? null : <Shown text={words.by(stored.changedBy)} />}{' '}
        {stored.reason === null ? null : <Shown text={`“${stored.reason}”`} />}
      </p>
      <p>{words.conflictText}</p>
      <div className="conflict-texts">
        <RulesText label={provider.stored} rules={stored.rules} others={rules} />
        <RulesText label={provider.yours} rules={rules} others={stored.rules} />
      </div>
      <p />
      <Button onClick={onKeep}>{provider.keepMine(numberText(stored.revision))}</Button>{' '}
      <Button onClick={onTake}>{provider.takeTheirs}</Button>
    </Note>
  );
}

interface RulesTextProps {
  readonly label: string;
  readonly rules: readonly MappingRule[];
  readonly others: readonly MappingRule[];
}

/** The rules that the other side does not have. */
function RulesText({ label, rules, others }: RulesTextProps) {
  const own = rules
    .map((rule, place) => ({ rule, number: numberText(place + 1) }))
    .filter(({ rule }) => !others.some((other) => sameRules([other], [rule])));
  const { mapping: words } = texts;
  const text = own
    .map(({ rule, number }) => `${words.ruleTitle(number)}\n${JSON.stringify(rule, null, 1)}`)
    .join('\n\n');
  return (
    <div>
      <strong>{label}</strong>
      {/* A box that scrolls must be reachable by keys. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0} aria-label={label} role="region">
        {own.length === 0 ? words.noRuleOfItsOwn : <Shown text={text} lines />}
      </pre>
    </div>
  );
}
