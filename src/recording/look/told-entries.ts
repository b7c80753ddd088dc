import type { Effect } from '../../domain/recorded.js';
import type { Entry } from '../entries/entries.js';
import type { ReadEntry } from '../entries/entry-reader.js';
import { titleOf } from '../replay/entry-text.js';
import { replayedEntry } from '../replay/replay-sealed.js';
import type { RecordedReplay, Teller } from '../replay/teller.js';

/** What one entry says, for lists that have a line for each. */
export interface ToldEntry {
  readonly title: string;
  readonly line: string | null;
  readonly effect: Effect | null;
  readonly noise: string | null;
  readonly cameTo: string | null;
  readonly rows: number | null;
  readonly changed: number | null;
}

const NOTHING_MORE = { line: null, effect: null, noise: null, cameTo: null, rows: null, changed: null };

/**
 * Says what entries mean without the bytes of answers. Given the first of the recording, it takes entries from anywhere.
 * @throws BrokerError `recording_unavailable` for a body that its protocol does not have
 */
export class EntryTeller {
  readonly #teller: Teller;
  readonly #nouns: RecordedReplay['nouns'];

  constructor(replay: RecordedReplay, opened: Entry) {
    this.#teller = replay.teller({ rowsMax: 0 });
    this.#nouns = replay.nouns;
    this.#teller.follow(opened);
  }

  tell(read: ReadEntry): ToldEntry {
    this.#teller.follow(read.entry);
    const replayed = replayedEntry(read, this.#teller, undefined);
    switch (replayed.kind) {
      case 'operation': {
        const { told } = replayed;
        const noise = told.driverNoise() ?? null;
        return { ...NOTHING_MORE, title: told.title(), line: told.oneLine(), effect: told.effect(), noise };
      }
      case 'note':
        return { ...NOTHING_MORE, title: replayed.told.title('plain'), noise: replayed.told.driverNoise() ?? null };
      case 'result': {
        const { cameTo, rows, changed } = replayed.told;
        return { ...NOTHING_MORE, title: titleOf(replayed, this.#nouns), cameTo, rows, changed };
      }
      default:
        return { ...NOTHING_MORE, title: titleOf(replayed, this.#nouns) };
    }
  }
}
