import type { PolicyReplayView, ReplayedStatementView } from '../../../contracts/policies/policy-replay.js';
import type { PolicyWarningView } from '../../../contracts/policies/policy.js';
import {
  NOT_JUDGED,
  NOT_JUDGED_TEXTS,
  type NotJudgedCode,
  REPLAY_CAVEAT_TEXTS,
  type ReplayCaveatCode,
} from '../../../domain/policy-replay.js';
import { type Verdict, VERDICTS } from '../../../domain/verdict.js';
import type { GrantId } from '../../../kernel/brand.js';
import { timeOf, timeOrNull } from '../../http/time.js';
import { differ, type ReplayedVerdict } from './replay-judge.js';
import type { RecordedStatement } from '../../../persistence/statements/recorded-statement.repository.js';

const EXCERPT_CHARACTERS_MAX = 400;

interface ReportOptions {
  /** Anyone who may not read recordings sees wordings, without values. */
  readonly withTexts: boolean;
  readonly principals: ReadonlyMap<GrantId, { readonly name: string }>;
}

/** Puts together what became of each statement, in the order in which they are added: the newest first. */
export class ReplayReport {
  readonly #options: ReportOptions;
  readonly #differs: ReplayedStatementView[] = [];
  readonly #notJudged = new Map<NotJudgedCode, number>();
  #judged = 0;
  #notUnderstood = 0;
  #drifted = 0;
  #newestMs: number | null = null;
  #oldestMs: number | null = null;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  add(statement: RecordedStatement, judged: ReplayedVerdict | NotJudgedCode): void {
    this.#newestMs ??= statement.atMs;
    this.#oldestMs = statement.atMs;
    if (typeof judged === 'string') {
      this.#notJudged.set(judged, (this.#notJudged.get(judged) ?? 0) + 1);
      return;
    }
    this.#judged += 1;
    if (!judged.isUnderstood) this.#notUnderstood += 1;
    if (judged.now.verdict !== statement.verdict) this.#drifted += 1;
    if (differ(judged)) this.#differs.push(this.#viewOf(statement, judged));
  }

  view({
    caveats,
    warnings,
    version,
  }: {
    readonly caveats: readonly ReplayCaveatCode[];
    readonly warnings: readonly PolicyWarningView[];
    readonly version: string;
  }): PolicyReplayView {
    return {
      judged: this.#judged,
      oldest: timeOrNull(this.#oldestMs),
      newest: timeOrNull(this.#newestMs),
      differs: this.#differs,
      changes: changesIn(this.#differs),
      notUnderstood: this.#notUnderstood,
      driftedSince: this.#drifted,
      notJudged: NOT_JUDGED.flatMap((code) => {
        const count = this.#notJudged.get(code);
        return count === undefined ? [] : [{ code, why: NOT_JUDGED_TEXTS[code], count }];
      }),
      caveats: caveats.map((code) => ({ code, text: REPLAY_CAVEAT_TEXTS[code] })),
      warnings,
      version,
      catalog: false,
    };
  }

  #viewOf(statement: RecordedStatement, { now, would }: ReplayedVerdict): ReplayedStatementView {
    const { grantId, seq, operation, atMs, target, database, verdict, policies, text, wording } = statement;
    const { withTexts, principals } = this.#options;
    return {
      grant: grantId,
      seq,
      operation,
      at: timeOf(atMs),
      principal: principals.get(grantId)?.name ?? '',
      target,
      database,
      excerpt: beginningOf(withTexts ? text : wording),
      isShape: !withTexts,
      was: { verdict, policies },
      now: { verdict: now.verdict, policies: now.policies },
      would: { verdict: would.verdict, policies: would.policies, why: would.why, hold: would.hold },
    };
  }
}

/** Never in the middle of a character. */
function beginningOf(text: string): string {
  const begun = text.slice(0, EXCERPT_CHARACTERS_MAX);
  return begun.isWellFormed() ? begun : begun.slice(0, -1);
}

/** By what it was and what it would be, in the order of the verdicts. */
function changesIn(differs: readonly ReplayedStatementView[]): PolicyReplayView['changes'] {
  const pairs = VERDICTS.flatMap((from) => VERDICTS.map((to): readonly [Verdict, Verdict] => [from, to]));
  return pairs.flatMap(([from, to]) => {
    const count = differs.filter(({ now, would }) => now.verdict === from && would.verdict === to).length;
    return count === 0 ? [] : [{ from, to, count }];
  });
}
