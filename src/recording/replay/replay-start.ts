import { LineSplitter, seqOfLine } from '../chain/lines.js';
import { LINE_BYTES_MAX } from '../entries/limits.js';
import { BrokerError } from '../../kernel/errors.js';

/** Lines of a recording, from one on whose number is at most `fromSeq`. */
type Lines = (fromSeq: number) => AsyncIterable<Buffer>;

interface Chosen {
  readonly session?: number | undefined;
  readonly from: number;
  readonly to: number;
}

/** As every line that the broker writes begins. */
const HEAD = /^\{"seq":(\d+),"prev":"[^"]*","at":"[^"]*","mono":[-+.e\d]+,"type":"([a-z.]+)"(?:,"session":(\d+))?[,}]/;
const HEAD_BYTES_MAX = 256;
/** Of no session. */
const OF_THE_GRANT: ReadonlySet<string> = new Set(['grant.opened', 'session.refused', 'grant.closing', 'grant.closed']);
/** Lines that are looked at first before the chosen ones, then twice as many, and so on. */
const LOOK_BACK_LINES = 1_000;

interface LineHead {
  readonly seq: number;
  readonly type: string;
  readonly session: number | undefined;
}

/** A line does not begin as the broker's do: no place can be told from heads then. */
class HeadUnknown extends Error {}

/**
 * The entry from which on a recording has to be followed so that the chosen entries can be told: the beginning of the
 * oldest session that they are of. It looks at the heads of lines alone, of the chosen ones and then further and further
 * back; what came before that session is not read. 1 where nothing can be learnt by that, as from damaged lines.
 */
export async function followedFrom(lines: Lines, { session, from, to }: Chosen): Promise<number> {
  if (from <= 1) return 1;
  try {
    const unbegun = await sessionsBegunBefore(lines, { session, from, to });
    let start = from;
    for (let [end, count] = [from, LOOK_BACK_LINES]; unbegun.size > 0 && end > 1; count *= 2) {
      const begin = Math.max(1, end - count);
      for await (const head of headsOf(lines, begin, end)) {
        if (head.type !== 'session.opened' || head.session === undefined) continue;
        if (unbegun.delete(head.session)) start = Math.min(start, head.seq);
      }
      end = begin;
    }
    // Where the index leads from there is tried, too.
    for await (const head of headsOf(lines, start, start + 1)) return head.seq;
    return 1;
  } catch (error) {
    if (error instanceof HeadUnknown || error instanceof BrokerError) return 1;
    throw error;
  }
}

async function sessionsBegunBefore(lines: Lines, { session, from, to }: Chosen): Promise<Set<number>> {
  const begun = new Set<number>();
  const unbegun = new Set<number>();
  for await (const head of headsOf(lines, from, to + 1)) {
    const own = head.session;
    if (own === undefined || (session !== undefined && own !== session)) continue;
    if (head.type === 'session.opened') begun.add(own);
    else if (!begun.has(own)) unbegun.add(own);
  }
  return unbegun;
}

/** Of the lines from `begin` to the one before `end`. */
async function* headsOf(lines: Lines, begin: number, end: number): AsyncGenerator<LineHead> {
  const splitter = new LineSplitter(LINE_BYTES_MAX);
  let seq = 0;
  for await (const chunk of lines(begin)) {
    const heads: LineHead[] = [];
    const goesOn = splitter.push(chunk, (line) => {
      seq = seq === 0 ? firstSeq(line, begin) : seq + 1;
      if (seq >= end) return false;
      if (seq >= begin) heads.push(headOf(line, seq));
      return true;
    });
    yield* heads;
    if (!goesOn) return;
  }
}

/** Of the line that the source jumped to. */
function firstSeq(line: Buffer, begin: number): number {
  const seq = seqOfLine(line);
  if (seq === undefined || seq > begin) throw new HeadUnknown();
  return seq;
}

function headOf(line: Buffer, seq: number): LineHead {
  const [, number, type, session] = HEAD.exec(line.toString('latin1', 0, HEAD_BYTES_MAX)) ?? [];
  const isWhole = type !== undefined && Number(number) === seq && OF_THE_GRANT.has(type) === (session === undefined);
  if (!isWhole) throw new HeadUnknown();
  return { seq, type, session: session === undefined ? undefined : Number(session) };
}
