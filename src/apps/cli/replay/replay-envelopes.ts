import { shownJson } from '../../../domain/visible-text.js';
import type { Entry } from '../../../recording/entries/entries.js';
import { NO_PROTOCOLS } from '../../../recording/recorded-protocol.js';
import { envelopeLine } from '../../../recording/replay/envelope-line.js';
import type { SealedFile } from '../../../recording/seal/sealed-file.js';
import { eachLine } from '../../../recording/verify/reader.js';

export interface EnvelopeChoice {
  readonly format: string;
  readonly session?: number | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** The protocol of a recording, as its first entry says. */
export async function protocolOf(sealed: SealedFile): Promise<string | undefined> {
  for await (const { entry } of eachLine(() => sealed.lines(), NO_PROTOCOLS)) {
    return entry.type === 'grant.opened' ? entry.target.protocol : undefined;
  }
  return undefined;
}

/** Shows what all protocols have in common, where nothing here can tell the rest. */
export async function showEnvelopes(
  sealed: SealedFile,
  choice: EnvelopeChoice,
  out: (text: string) => Promise<void>,
): Promise<void> {
  const first = Math.max(1, choice.from ?? 1);
  for await (const { entry, written } of eachLine((from) => sealed.lines(from), NO_PROTOCOLS, first)) {
    if (!isChosen(entry, choice)) continue;
    await out(`${choice.format === 'json' ? shownJson(JSON.stringify(written)) : envelopeLine(entry)}\n`);
  }
}

function isChosen(entry: Entry, { session, from = 1, to = Number.POSITIVE_INFINITY }: EnvelopeChoice): boolean {
  if (entry.seq < from || entry.seq > to) return false;
  return session === undefined || !('session' in entry) || entry.session === session;
}
