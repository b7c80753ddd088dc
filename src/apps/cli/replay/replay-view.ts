import { shownLine } from '../../../domain/visible-text.js';
import type { RecordedProtocol } from '../../../recording/recorded-protocol.js';
import { entryJson, entryText } from '../../../recording/replay/entry-text.js';
import { driverNoise, startUs } from '../../../recording/replay/step-facts.js';
import { stepText } from '../../../recording/replay/step-text.js';
import type { StoryStep } from '../../../recording/replay/story.js';
import type { RecordedReplay, ReplayedEntry, ReplayWords } from '../../../recording/replay/teller.js';
import { UsageFailure } from '../terminal/conventions.js';
import type { Paint } from '../terminal/paint.js';
import { isChosen, type StepChoice } from './replay-filter.js';

/** The formats that recordings of every protocol have; a protocol may have more. */
export const COMMON_FORMATS: readonly string[] = ['text', 'entries', 'json'];

/** A protocol that tells its recordings. */
export type ReplayProtocol = RecordedProtocol & { readonly replay: RecordedReplay };

export interface ViewOptions extends StepChoice {
  readonly format: string;
  /** What drivers do by themselves is shown like everything else. */
  readonly all: boolean;
  readonly paint: Paint;
}

type EntryText = (replayed: ReplayedEntry) => string;

interface Folded {
  readonly session: number | undefined;
  readonly startUs: number;
  readonly words: string[];
}

/** Different things that a folded line names; the others it counts. */
const WORDS_MAX = 4;

/** Says step by step what is to be printed of a recording. */
export class ReplayView {
  readonly #nouns: ReplayWords;
  /** Undefined where steps are told, and not entries. */
  readonly #entryText: EntryText | undefined;
  readonly #options: ViewOptions;
  readonly #isFiltered: boolean;
  #folded: Folded | undefined;

  /** @throws UsageFailure where recordings of the protocol have no such format */
  constructor(protocol: ReplayProtocol, options: ViewOptions) {
    this.#nouns = protocol.replay.nouns;
    this.#entryText = entryTextOf(options.format, protocol);
    this.#options = options;
    this.#isFiltered = options.changes === true || options.denied === true || options.grep !== undefined;
  }

  /** Whether entries are shown in the order of the recording, one by one. */
  get isByEntry(): boolean {
    return this.#entryText !== undefined && !this.#isFiltered;
  }

  take(step: StoryStep): string {
    const { all, paint } = this.#options;
    if (this.#isFiltered && !isChosen(step, this.#options)) return '';
    if (this.#entryText !== undefined) return step.entries.map(this.#entryText).join('');
    const noise = all || this.#isFiltered ? undefined : driverNoise(step);
    if (noise !== undefined) return this.#fold(step, noise);
    const { head, body, tone } = stepText(step, this.#nouns);
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
  #fold(step: StoryStep, noise: string): string {
    const isSame = this.#folded !== undefined && this.#folded.session === step.session;
    const before = isSame ? '' : this.end();
    this.#folded ??= { session: step.session, startUs: startUs(step), words: [] };
    this.#folded.words.push(noise);
    return before;
  }
}

function entryTextOf(format: string, { name, replay: { nouns, formats } }: ReplayProtocol): EntryText | undefined {
  switch (format) {
    case 'text':
      return undefined;
    case 'entries':
      return (replayed) => entryText(replayed, nouns);
    case 'json':
      return entryJson;
    default: {
      const own = formats[format];
      if (own !== undefined) return own;
      const has = [...COMMON_FORMATS, ...Object.keys(formats)].join(', ');
      throw new UsageFailure(`Recordings of ${name} have no format ${format}. Give one of these: ${has}.`);
    }
  }
}
