import type { Entry } from '../entries/entries.js';
import type { EntryReader } from '../entries/entry-reader.js';
import { NO_PROTOCOLS, type RecordedProtocols } from '../recorded-protocol.js';
import type { RecordedReplay } from '../replay/teller.js';
import type { EntrySource } from '../verify/reader.js';
import { MarkBuilder, type Marks } from './marks.js';
import { parsedLine, rawLines, readerOf } from './raw-lines.js';

/** The index of a whole recording. Reads every entry once; memory: the lines of one chunk. */
export async function buildMarks(source: EntrySource, protocols: RecordedProtocols): Promise<Marks> {
  const growing = new GrowingMarks(protocols);
  await growing.readOn(source);
  return growing.marks();
}

/** The index of a recording that goes on: each call reads what was written since the one before. */
export class GrowingMarks {
  readonly #protocols: RecordedProtocols;
  #builder: MarkBuilder | undefined;
  #reader: EntryReader | undefined;
  /** Calls come one after the other. */
  #last: Promise<void> = Promise.resolve();

  constructor(protocols: RecordedProtocols) {
    this.#protocols = protocols;
  }

  /** Reads to the end of the recording as it is now. */
  readOn(source: EntrySource): Promise<void> {
    const next = this.#last.then(() => this.#readOn(source));
    // It is thrown to the one who called.
    this.#last = next.catch(() => undefined);
    return next;
  }

  marks(): Marks {
    return (this.#builder ?? new MarkBuilder(undefined)).marks();
  }

  async #readOn(source: EntrySource): Promise<void> {
    if (this.#reader === undefined || this.#builder === undefined) {
      // Envelopes are enough: the teller looks at bodies. Lines were checked when they were sealed.
      const opened = await readerOf(source, NO_PROTOCOLS, { anyForm: true });
      if (opened === undefined) return;
      this.#reader = opened.reader;
      this.#builder = new MarkBuilder(replayOf(opened.first.entry, this.#protocols));
      this.#builder.take(opened.first.entry);
    }
    for await (const lines of rawLines(source, this.#builder.entries + 1)) {
      for (const raw of lines) this.#builder.take(parsedLine(this.#reader, raw).entry);
    }
  }
}

/** How a recording is told, where this build knows its protocol. */
export function replayOf(opened: Entry, protocols: RecordedProtocols): RecordedReplay | undefined {
  return opened.type === 'grant.opened' ? protocols.get(opened.target.protocol)?.replay : undefined;
}
