import { Inject, Injectable } from '@nestjs/common';
import type { EntriesPage, EntriesQuery, ToldEntryView } from '../../contracts/recordings/recording.js';
import { NO_PROTOCOLS } from '../../recording/recorded-protocol.js';
import type { RecordedProtocols } from '../../recording/recorded-protocol.js';
import type { ReadEntry } from '../../recording/entries/entry-reader.js';
import type { OpenRecording } from '../../recording/look/open-recording.js';
import { readerOf } from '../../recording/look/raw-lines.js';
import { soughtPage } from '../../recording/look/sought-page.js';
import { EntryTeller } from '../../recording/look/told-entries.js';
import { recordedBy, type TargetProtocol } from '../../protocol/target-protocol.js';
import { PROTOCOLS } from '../modules/tokens.js';

/** Pages of the entries of a recording that is open. */
@Injectable()
export class RecordingEntries {
  readonly #protocols: RecordedProtocols;

  constructor(@Inject(PROTOCOLS) protocols: readonly TargetProtocol[]) {
    this.#protocols = recordedBy(protocols);
  }

  async page({ lines }: OpenRecording, query: EntriesQuery): Promise<EntriesPage> {
    const { after, from = 1, before, type, verdict, session, limit } = query;
    const { entries, format, next, previous } = await soughtPage(lines, {
      afterSeq: Math.max(after, from - 1),
      beforeSeq: before,
      backwards: before !== undefined && after === 0 && query.from === undefined,
      types: type === undefined ? undefined : new Set(type),
      verdict,
      session,
      limit,
    });
    const items = entries.map(({ written }) => ({ ...written }));
    const told = query.told === undefined ? {} : { told: await this.#told(lines, entries) };
    return { items, ...told, format: format ?? null, next, previous };
  }

  async #told(lines: OpenRecording['lines'], entries: readonly ReadEntry[]): Promise<(ToldEntryView | null)[]> {
    const teller = entries.length === 0 ? undefined : await this.tellerOf(lines);
    return entries.map((read) => teller?.tell(read) ?? null);
  }

  /** What tells entries of this recording; undefined where this version does not know its protocol. */
  async tellerOf(lines: OpenRecording['lines']): Promise<EntryTeller | undefined> {
    const opened = (await readerOf(lines, NO_PROTOCOLS))?.first.entry;
    if (opened?.type !== 'grant.opened') return undefined;
    const replay = this.#protocols.get(opened.target.protocol)?.replay;
    return replay === undefined ? undefined : new EntryTeller(replay, opened);
  }
}
