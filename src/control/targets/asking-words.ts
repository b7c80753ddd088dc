import type { ProtocolValue } from '../../domain/protocol-value.js';
import type { HoldTerms } from '../../domain/approval.js';
import type { PolicyVerdict } from '../../domain/verdict.js';
import { unreachable } from '../../kernel/assert.js';

/** A way of asking for a grant, judged. */
export interface JudgedWay extends Pick<PolicyVerdict, 'verdict' | 'why'> {
  /** With verdict `hold`. */
  readonly hold: Pick<HoldTerms, 'approvers' | 'holdSeconds'> | null;
  readonly access: readonly ProtocolValue[];
}

export interface AskingInWords {
  readonly withoutAccess: JudgedWay | null;
  readonly everything: JudgedWay | null;
  /** What the statements meet, in words, by the first so many rules of the widest access. */
  readonly outlook: { readonly words: string; readonly rules: number } | null;
  readonly inWords: (rule: ProtocolValue) => string;
}

/** What meets an agent that asks for a grant, in plain words. */
export function askingWords({ withoutAccess, everything, outlook, inWords }: AskingInWords): string {
  const accessOf = ({ access }: JudgedWay): string => access.map(inWords).join('; ');
  const sentences = [
    withoutAccess === null
      ? 'A request must name its access.'
      : `A request without access gets ${accessOf(withoutAccess)}, and ${becomesOf(withoutAccess)}.`,
    ...(everything === null
      ? []
      : [`The most that one may ask for is ${accessOf(everything)}; that ${becomesOf(everything)}.`]),
    ...(outlook === null || outlook.words === ''
      ? []
      : [`${statementsOf(everything, outlook.rules)}: ${outlook.words}`]),
  ];
  return sentences.join(' ');
}

function becomesOf({ verdict, why, hold }: JudgedWay): string {
  switch (verdict) {
    case 'allow':
      return 'opens at once';
    case 'hold':
      return `waits for a person${groupsOf(hold?.approvers)} first${hold === null ? '' : ` (people have ${hold.holdSeconds} seconds)`}`;
    case 'deny':
      return `is refused (${why.replace(/\.$/, '')})`;
    default:
      return unreachable(verdict);
  }
}

function groupsOf(groups: readonly string[] = []): string {
  return groups.length === 0 ? '' : ` of ${groups.join(' or ')}`;
}

function statementsOf(everything: JudgedWay | null, rules: number): string {
  const isPart = everything !== null && everything.access.length > rules;
  return isPart ? `Its statements, by the first ${rules} of these` : 'Its statements';
}
