import type { StatementPreview } from '../../sql/statement-preview.js';
import { previewOfText, shownPreview, unknownRows, type PartialPreview } from './partial-preview.js';
import { previewParts, type PreviewOptions } from './preview-parts.js';
import { reasonOf } from './preview-reason.js';
import type { PreviewedStatement } from './previewed-statement.js';

/**
 * One preview of one statement. What could be learnt is kept as it comes, so that a preview that is cut short shows it;
 * what could not says why.
 */
export class PreviewRun {
  readonly #statement: PreviewedStatement;
  readonly #options: PreviewOptions;
  readonly #cut = new AbortController();
  #known: PartialPreview;

  constructor(statement: PreviewedStatement, options: PreviewOptions) {
    this.#statement = statement;
    this.#options = options;
    this.#known = previewOfText(statement.facts);
  }

  /** What is known so far. */
  result(takenAtMs: number): StatementPreview {
    return shownPreview(this.#known, takenAtMs);
  }

  /** Stops what runs at the target; what is known stays. */
  cut(why: string): void {
    this.#explain(why);
    this.#cut.abort();
  }

  /** Never rejects. */
  async run(): Promise<void> {
    const { signal } = this.#cut;
    if (signal.aborted) return; // its time was over before its turn came
    try {
      for await (const part of previewParts(this.#statement, this.#options, signal)) {
        if (!signal.aborted) this.#known = { ...this.#known, ...part };
      }
    } catch (error) {
      this.#explain(`The preview failed: ${reasonOf(error, this.#options.limits.statementMsMax)}`);
    }
  }

  /** Says why nobody knows how many rows would change, unless that is known, or explained, already. */
  #explain(why: string): void {
    this.#known = { ...this.#known, affected: this.#known.affected ?? unknownRows(why) };
  }
}
