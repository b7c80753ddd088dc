import type { Effect } from '../../domain/recorded.js';
import type { Entry, TypedEntry } from '../entries/entries.js';
import type { RecordedReplay, Teller } from '../replay/teller.js';

/** Shapes whose effect is remembered. */
const KNOWN_MAX = 10_000;

/** What operations do to the target. Those of one shape differ only in their values, so that one of them is read. */
export class OperationEffects {
  readonly #teller: Teller | undefined;
  readonly #known = new Map<string, Effect>();

  constructor(replay: RecordedReplay | undefined) {
    this.#teller = replay?.teller({ rowsMax: 0 });
  }

  /** Gets `grant.opened`, which says what target it is. */
  follow(opened: Entry): void {
    this.#teller?.follow(opened);
  }

  of(entry: TypedEntry<'operation'>): Effect {
    if (this.#teller === undefined) return 'change';
    const { shape, name } = entry;
    if (shape === null) return this.#teller.operation(entry).effect();
    const key = `${name} ${shape}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const effect = this.#teller.operation(entry).effect();
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    this.#known.set(key, effect);
    return effect;
  }
}
