import type { ReactNode } from 'react';
import type { MappingTrialView } from '../../contracts/identity/identity-mapping.js';
import { Badge } from '../parts/said/badge.js';
import { Facts } from '../parts/facts.js';
import { Shown } from '../parts/said/shown.js';
import { Table } from '../parts/list/table.js';
import { texts } from '../texts/en.js';
import { numberText } from '../texts/format.js';

/** Who somebody would be, and what every rule says of the claims. */
export function TrialOutcome({ outcome }: { readonly outcome: MappingTrialView }) {
  const { principal, refusal, rules } = outcome;
  const decides = principal?.rule ?? refusal?.rule ?? undefined;
  const { trial: words } = texts;
  return (
    <>
      {principal === null ? null : <Becomes principal={principal} />}
      {refusal === null ? null : <Refused refusal={refusal} />}
      {rules.length === 0 ? null : (
        <Table caption={words.rulesCaption} head={[texts.mapping.number, words.rules, words.why]}>
          {rules.map((rule) => (
            <RuleTrial key={rule.rule} trial={rule} decides={rule.rule === decides} />
          ))}
        </Table>
      )}
    </>
  );
}

function Becomes({ principal }: { readonly principal: NonNullable<MappingTrialView['principal']> }) {
  const { rule, name, kind, roles, groups, leftOut } = principal;
  const { trial: words, people } = texts;
  return (
    <Facts
      rows={[
        [
          words.becomes,
          <span key="name">
            <strong>
              <Shown text={name} />
            </strong>{' '}
            <span className="soft">{words.byRule(numberText(rule + 1))}</span>
          </span>,
        ],
        [people.kind, kind],
        [people.roles, roles.join(', ')],
        [people.groups, groups.length === 0 ? texts.common.none : <Shown key="groups" text={groups.join(', ')} />],
        [
          words.leftOut,
          leftOut.length === 0 ? null : (
            <ul key="left-out" className="rule-conditions">
              {leftOut.map(({ template, value, why }) => (
                <li key={`${template} ${value}`}>
                  <Shown text={value ?? template} className="mono" />: {words.leftOutWhy[why]}
                </li>
              ))}
            </ul>
          ),
        ],
      ]}
    />
  );
}

function Refused({ refusal }: { readonly refusal: NonNullable<MappingTrialView['refusal']> }) {
  const { rule, why, claim } = refusal;
  const { trial: words } = texts;
  const sentence = words.refusal(words.refusals[why] ?? why, rule === null ? undefined : numberText(rule + 1));
  return (
    <p>
      <Badge tone="deny">{words.nobody}</Badge> {sentence}{' '}
      {claim === null ? null : <Shown text={claim} className="mono" />}
    </p>
  );
}

interface RuleTrialProps {
  readonly trial: MappingTrialView['rules'][number];
  readonly decides: boolean;
}

function RuleTrial({ trial: { rule, fits, misses }, decides }: RuleTrialProps) {
  const { trial: words } = texts;
  return (
    <tr>
      <th scope="row">{numberText(rule + 1)}</th>
      <td>
        {fits ? <Badge tone={decides ? 'allow' : 'plain'}>{decides ? words.first : words.fits}</Badge> : words.not}
      </td>
      <td>
        <ul className="rule-conditions">
          {misses.map((miss) => (
            <li key={`${miss.about} ${miss.claim}`}>{missWords(miss)}</li>
          ))}
        </ul>
      </td>
    </tr>
  );
}

function missWords({ about, claim, wanted, found }: RuleTrialProps['trial']['misses'][number]): ReactNode {
  const { trial: words } = texts;
  if (about === 'provider') return <Shown text={words.missProvider(wanted)} />;
  if (about === 'kind') return <Shown text={words.missKind(wanted)} />;
  return (
    <>
      <Shown text={claim ?? ''} className="mono" /> {words.missClaim} <Shown text={wanted} className="mono" />;{' '}
      {found === null ? (
        words.missNothing
      ) : (
        <>
          {words.missFound} <Shown text={found} className="mono" />
        </>
      )}
    </>
  );
}
