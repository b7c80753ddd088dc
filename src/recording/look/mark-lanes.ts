import type { MarkKind } from '../../domain/recorded.js';

/** A place in a recording that a reader jumps to. */
export interface Mark {
  readonly seq: number;
  readonly monoUs: number;
  readonly kind: MarkKind;
  readonly operation: number | null;
  readonly session: number | null;
}

/** Of `of` marks of a kind each `every`th was kept, from the first on. */
export interface ThinnedMarks {
  readonly kind: MarkKind;
  readonly of: number;
  readonly every: number;
}

/** Marks of one kind that are kept, so that all kinds together are 20,000. */
const MARKS_OF_KIND_MAX = 4_000;

/** The marks of one kind. Memory is bounded: beyond the bound every second one is left out, then every second of these. */
export class MarkLane {
  readonly kind: MarkKind;
  #marks: Mark[] = [];
  #count = 0;
  #every = 1;

  constructor(kind: MarkKind) {
    this.kind = kind;
  }

  /** All that there were. */
  get count(): number {
    return this.#count;
  }

  get marks(): readonly Mark[] {
    return this.#marks;
  }

  get thinned(): readonly ThinnedMarks[] {
    return this.#every === 1 ? [] : [{ kind: this.kind, of: this.#count, every: this.#every }];
  }

  add(place: Omit<Mark, 'kind'>): void {
    const isKept = this.#count % this.#every === 0;
    this.#count += 1;
    if (!isKept) return;
    this.#marks.push({ ...place, kind: this.kind });
    if (this.#marks.length <= MARKS_OF_KIND_MAX) return;
    this.#marks = this.#marks.filter((_, index) => index % 2 === 0);
    this.#every *= 2;
  }
}

const BUCKETS_MAX = 1_000;
const FIRST_BUCKET_US = 1_000;

/** How many operations there were when: in buckets of equal time, which become longer as the recording does. */
export class Density {
  #bucketUs = FIRST_BUCKET_US;
  #counts: number[] = [];

  get bucketUs(): number {
    return this.#bucketUs;
  }

  get counts(): readonly number[] {
    return Array.from(this.#counts, (count) => count ?? 0);
  }

  add(monoUs: number): void {
    while (monoUs >= this.#bucketUs * BUCKETS_MAX) this.#widen();
    const bucket = Math.floor(monoUs / this.#bucketUs);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  #widen(): void {
    const wider: number[] = [];
    for (const [bucket, count] of this.#counts.entries()) {
      const into = Math.floor(bucket / 2);
      wider[into] = (wider[into] ?? 0) + (count ?? 0);
    }
    this.#counts = wider;
    this.#bucketUs *= 2;
  }
}
