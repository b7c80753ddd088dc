import type { SqlDialect } from '../../../protocols/mysql/sql/text/dialect.js';
import { shownLine } from '../../../domain/visible-text.js';
import { driverNoise } from '../../../protocols/mysql/recorded/driver-noise.js';
import { startUs, stepText } from '../../../protocols/mysql/recorded/step-text.js';
import type { Step } from '../../../protocols/mysql/recorded/story.js';
import {
  type ReplayedEntry,
  type TranscriptFormat,
  transcriptOf,
} from '../../../protocols/mysql/recorded/transcript.js';
import type { Paint } from '../terminal/paint.js';
import { isChosen, type StepChoice } from './replay-filter.js';

export interface ViewOptions extends StepChoice {
  /** What drivers do by themselves is shown like everything else. */
  readonly all: boolean;
  readonly paint: Paint;
}

interface Folded {
  readonly session: number | undefined;
  readonly startUs: number;
  readonly words: string[];
}

/** Different things that a folded line names; the others it counts. */
const WORDS_MAX = 4;

/** Says step by step what is to be printed of a recording. */
export class ReplayView {
  readonly #format: 'text' | TranscriptFormat;
  readonly #options: ViewOptions;
  readonly #isFiltered: boolean;
  #folded: Folded | undefined;

  constructor(format: 'text' | TranscriptFormat, options: ViewOptions) {
    this.#format = format;
    this.#options = options;
    this.#isFiltered = options.changes === true || options.denied === true || options.grep !== undefined;
  }

  /** Whether entries are shown in the order of the recording, one by one. */
  get isByEntry(): boolean {
    return this.#format !== 'text' && !this.#isFiltered;
  }

  take(step: Step, dialect: SqlDialect): string {
    const { all, paint } = this.#options;
    if (this.#isFiltered && !isChosen(step, this.#options, dialect)) return '';
    if (this.#format !== 'text') {
      const format = this.#format;
      return step.entries.map((replayed) => transcriptOf(replayed, format)).join('');
    }
    const noise = all || this.#isFiltered ? undefined : driverNoise(step);
    if (noise !== undefined) return this.#fold(step, noise);
    const { head, body, tone } = stepText(step);
    const painted = { changed: paint.warn, refused: paint.bad, plain: paint.strong }[tone](head);
    return `${this.end()}${[painted, ...body.map((line) => `    ${line}`)].join('\n')}\n`;
  }

  /** What is folded and not printed yet. */
  end(): string {
    const folded = this.#folded;
    this.#folded = undefined;
    if (folded === undefined) return '';
    const { session, words } = folded;
    const different = [...new Set(words)];
    const named = different.slice(0, WORDS_MAX).map(shownLine).join(', ');
    const more = different.length > WORDS_MAX ? ', …' : '';
    const at = `+${(folded.startUs / 1_000_000).toFixed(6)}s`;
    const line = `${at}  session ${session}  ${words.length} of its driver's own: ${named}${more}`;
    return `${this.#options.paint.faint(line)}\n`;
  }

  /** What follows each other in a session is one line. */
  #fold(step: Step, noise: string): string {
    const isSame = this.#folded !== undefined && this.#folded.session === step.session;
    const before = isSame ? '' : this.end();
    this.#folded ??= { session: step.session, startUs: startUs(step), words: [] };
    this.#folded.words.push(noise);
    return before;
  }
}

/** An entry alone, where the recording is shown as it was written. */
export function stepOfEntry(replayed: ReplayedEntry): Step {
  return { kind: 'other', session: undefined, entries: [replayed] };
}
