import type { PolicySubject, PolicyVerdict } from '../../../src/domain/verdict.js';
import type { Ruling } from '../../../src/gateway/operation-gate.js';
import type { PolicySource } from '../../../src/gateway/ports.js';
import { type EchoAccess, type EchoLine, isWithin } from './lines.js';
import { echoCase } from './vocabulary.js';

/** What happens to a line, by the policies that were in force when it was judged. */
export interface EchoJudgement {
  readonly ruling: Ruling;
  readonly policies: readonly string[];
  readonly policyVersion: string | null;
  readonly why: string;
}

/** Judges the lines of one grant. */
export class EchoJudge {
  readonly #subject: PolicySubject;
  readonly #access: readonly EchoAccess[];
  readonly #policies: PolicySource;

  constructor(subject: PolicySubject, access: readonly EchoAccess[], policies: PolicySource) {
    this.#subject = subject;
    this.#access = access;
    this.#policies = policies;
  }

  judge(line: EchoLine): EchoJudgement {
    const inForce = this.#policies.current();
    if (inForce === undefined) {
      return { ruling: { verdict: 'deny', code: 'policy_unavailable' }, policies: [], policyVersion: null, why: '' };
    }
    const verdict = inForce.judge(echoCase(this.#subject, line.facts));
    const { policies, why } = verdict;
    return { ruling: this.#ruling(line, verdict), policies, policyVersion: inForce.version, why };
  }

  #ruling(line: EchoLine, { verdict, hold, why }: PolicyVerdict): Ruling {
    if (verdict === 'deny') return { verdict, code: 'statement_denied', detail: why };
    if (!isWithin(this.#access, line)) {
      return { verdict: 'deny', code: 'statement_outside_grant', detail: `The grant has no ${line.verb} there.` };
    }
    return hold === null ? { verdict: 'allow' } : { verdict: 'hold', terms: hold };
  }
}
