import type { NotJudgedCode, ReplayCaveatCode } from '../../../domain/policy-replay.js';
import type { PolicySubject, PolicyVerdict } from '../../../domain/verdict.js';
import type { GrantId } from '../../../kernel/brand.js';
import type { TargetRow } from '../../../persistence/entities/grants/target.js';
import type { PolicySet } from '../../../policy/policy-set.js';
import type { PolicyQuestions } from '../../../protocol/policy-questions.js';
import type { RecordedStatement } from '../../../persistence/statements/recorded-statement.repository.js';

/** What must be known besides the statements themselves. */
export interface ReplayScene {
  readonly inForce: PolicySet;
  readonly drafted: PolicySet;
  readonly principals: ReadonlyMap<GrantId, PolicySubject['principal']>;
  readonly targets: ReadonlyMap<string, TargetRow>;
  /** Undefined for a protocol that this build does not know. */
  readonly questionsOf: (protocol: string) => PolicyQuestions | undefined;
}

/** What a statement would get, from the policies in force and with the draft. */
export interface ReplayedVerdict {
  readonly now: PolicyVerdict;
  readonly would: PolicyVerdict;
  readonly isUnderstood: boolean;
}

/** Verdicts that are kept: statements of a loop are alike to the letter. */
const KNOWN_MAX = 2_000;

/** Judges recorded statements by two sets of policies. What is done for one of them takes a few milliseconds at most. */
export class ReplayJudge {
  readonly #scene: ReplayScene;
  readonly #known = new Map<string, ReplayedVerdict>();
  /** By grant and target: policies keep answers by the objects that they are asked about. */
  readonly #subjects = new Map<string, PolicySubject>();
  #isTransactionUnknown = false;

  constructor(scene: ReplayScene) {
    this.#scene = scene;
  }

  judge(statement: RecordedStatement): ReplayedVerdict | NotJudgedCode {
    const { principals, targets, questionsOf } = this.#scene;
    const { grantId, target: targetName, protocol, text, isCut, database } = statement;
    const questions = questionsOf(protocol);
    if (questions?.again === undefined) return 'protocol-unknown';
    const principal = principals.get(grantId);
    if (principal === undefined) return 'grant-unknown';
    const target = targets.get(targetName);
    if (target?.report === undefined || target.report === null) return 'target-unknown';
    if (isCut) return 'text-cut';
    if (statement.inTransaction === null) this.#isTransactionUnknown = true;
    const inTransaction = statement.inTransaction ?? false;
    const key = JSON.stringify([principal.name, targetName, database, inTransaction, text]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const { name, labels, report, defaultDatabase } = target;
    const subject = this.#subject({ principal, target: { name, labels, flavour: report.flavour } });
    const { asked } = questions.again({ text, database, inTransaction }, { report, defaultDatabase }, subject);
    const isUnderstood = !asked.questions.some(({ context }) => context['unparsed'] === true);
    const { inForce, drafted } = this.#scene;
    const judged = { now: inForce.judge(asked), would: drafted.judge(asked), isUnderstood };
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    this.#known.set(key, judged);
    return judged;
  }

  /** What could have made a gateway's verdict another, of the statements that were judged. */
  caveats(): readonly ReplayCaveatCode[] {
    const sights = [this.#scene.inForce.sight, this.#scene.drafted.sight];
    const looksAtLabels = sights.some(({ labels }) => labels);
    const looksAtTransactions = sights.some(({ context }) => context === null || context.has('inTransaction'));
    return [
      'catalog',
      ...(looksAtLabels ? (['labels'] as const) : []),
      ...(looksAtTransactions && this.#isTransactionUnknown ? (['transaction'] as const) : []),
    ];
  }

  #subject(subject: PolicySubject): PolicySubject {
    const key = JSON.stringify([subject.principal.id, subject.target.name]);
    const known = this.#subjects.get(key) ?? subject;
    this.#subjects.set(key, known);
    return known;
  }
}

/** Another verdict, or other terms of a hold. */
export function differ({ now, would }: ReplayedVerdict): boolean {
  return now.verdict !== would.verdict || JSON.stringify(now.hold) !== JSON.stringify(would.hold);
}
