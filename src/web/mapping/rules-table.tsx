import './mapping.css';
import { useState } from 'react';
import { Button } from '../parts/form/button.js';
import { Shown } from '../parts/said/shown.js';
import { Table } from '../parts/list/table.js';
import { texts } from '../texts/en.js';
import { numberText } from '../texts/format.js';
import { RuleDialog } from './rule-dialog.js';
import { type MappingRule, valuesOf, writtenValue } from './rule-draft.js';

export interface RulesTableProps {
  readonly rules: readonly MappingRule[];
  /** Undefined: they are only read. */
  readonly onChange?: ((rules: readonly MappingRule[]) => void) | undefined;
}

/** Rules in their order; each can be changed, moved and removed. */
export function RulesTable({ rules, onChange }: RulesTableProps) {
  const [edited, setEdited] = useState<number>();
  const { mapping: words } = texts;
  const head = [words.number, words.provider, words.when, words.principal, words.kind, words.roles, words.groups];
  const put = (place: number, rule: MappingRule) =>
    onChange?.([...rules.slice(0, place), rule, ...rules.slice(place + 1)]);
  return (
    <>
      {rules.length === 0 ? (
        <p className="soft">{words.none}</p>
      ) : (
        <Table caption={words.caption} head={onChange === undefined ? head : [...head, '']} stacks>
          {rules.map((rule, place) => (
            <RuleRow
              // Rules have no name but their place.
              // oxlint-disable-next-line react/no-array-index-key
              key={place}
              rule={rule}
              place={place}
              acts={
                onChange === undefined ? null : (
                  <RuleActs place={place} rules={rules} onChange={onChange} onEdit={() => setEdited(place)} />
                )
              }
            />
          ))}
        </Table>
      )}
      {onChange === undefined ? null : <Button onClick={() => setEdited(rules.length)}>{words.add}</Button>}
      {edited === undefined ? null : (
        <RuleDialog
          rule={rules[edited]}
          number={edited + 1}
          onTake={(rule) => {
            put(edited, rule);
            setEdited(undefined);
          }}
          onClose={() => setEdited(undefined)}
        />
      )}
    </>
  );
}

interface RuleRowProps {
  readonly rule: MappingRule;
  readonly place: number;
  readonly acts: React.ReactNode;
}

function RuleRow({ rule: { provider, when, principal, kind, roles, groups }, place, acts }: RuleRowProps) {
  const { mapping: words } = texts;
  return (
    <tr>
      <th scope="row" data-label={words.number}>
        {numberText(place + 1)}
      </th>
      <td data-label={words.provider}>{provider}</td>
      <td data-label={words.when}>
        <ul className="rule-conditions">
          {Object.entries(when).map(([claim, wanted]) => (
            <Condition key={claim} claim={claim} values={valuesOf(wanted).map(writtenValue)} />
          ))}
        </ul>
      </td>
      <td data-label={words.principal}>
        <Shown text={principal} className="mono" />
      </td>
      <td data-label={words.kind}>{kind}</td>
      <td data-label={words.roles}>{roles.join(', ')}</td>
      <td data-label={words.groups}>
        {groups.length === 0 ? (
          <span className="soft">{texts.common.none}</span>
        ) : (
          <Shown text={groups.join(' ')} className="mono" />
        )}
      </td>
      {acts === null ? null : <td>{acts}</td>}
    </tr>
  );
}

function Condition({ claim, values }: { readonly claim: string; readonly values: readonly string[] }) {
  const { mapping: words } = texts;
  return (
    <li>
      <Shown text={claim} className="mono" /> {values.length === 1 ? '=' : words.oneOf}{' '}
      <Shown text={values.join(', ')} className="mono rule-value" />
    </li>
  );
}

interface RuleActsProps {
  readonly place: number;
  readonly rules: readonly MappingRule[];
  readonly onChange: (rules: readonly MappingRule[]) => void;
  readonly onEdit: () => void;
}

function RuleActs({ place, rules, onChange, onEdit }: RuleActsProps) {
  const { mapping: words } = texts;
  const number = numberText(place + 1);
  const swap = (other: number) => {
    const [one, two] = [rules[place], rules[other]];
    if (one === undefined || two === undefined) return;
    onChange(rules.map((rule, at) => (at === place ? two : at === other ? one : rule)));
  };
  return (
    <span className="rule-acts">
      <Button aria-label={words.editLabel(number)} onClick={onEdit}>
        {words.edit}
      </Button>
      <Button aria-label={words.upLabel(number)} disabled={place === 0} onClick={() => swap(place - 1)}>
        {words.up}
      </Button>
      <Button
        aria-label={words.downLabel(number)}
        disabled={place === rules.length - 1}
        onClick={() => swap(place + 1)}
      >
        {words.down}
      </Button>
      <Button aria-label={words.removeLabel(number)} onClick={() => onChange(rules.filter((_, at) => at !== place))}>
        {words.remove}
      </Button>
    </span>
  );
}
