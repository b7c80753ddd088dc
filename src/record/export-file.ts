import { z } from 'zod';
import { CHECKPOINT_CHARACTERS_MAX } from './checkpoint.js';
import { LINE_BYTES_MAX } from './entry-line.js';
import type { ChainPosition } from './record-check.js';
import type { RecordLine } from './record-report.js';

/** What an export of the administrative record says first. */
export interface ExportHead {
  /** The entry that the first one follows; number 0 at the beginning of the record. */
  readonly after: ChainPosition;
  /** The last entry of the export. */
  readonly to: ChainPosition;
}

const FORMAT = 1;
const KIND = 'doorwarden administrative record';
/** Of any line of an export. */
export const EXPORT_LINE_BYTES_MAX = Math.max(LINE_BYTES_MAX, CHECKPOINT_CHARACTERS_MAX + 100);

const point = z.strictObject({ seq: z.int().min(0), hash: z.string().regex(/^[0-9a-f]{64}$/) });
const headerSchema = z.object({ export: z.literal(KIND), format: z.literal(FORMAT), after: point, to: point });
const checkpointSchema = z.strictObject({ checkpoint: z.string() });

export function headerLine({ after, to }: ExportHead): string {
  return JSON.stringify({ export: KIND, format: FORMAT, after, to });
}

/** The line of an item that holds: an entry as it stands in the chain, or a checkpoint. */
export function itemLine(item: RecordLine): string {
  if ('line' in item) return item.line;
  return JSON.stringify(item);
}

/** Undefined when the line does not begin an export that this version knows. */
export function headerIn(line: string): ExportHead | undefined {
  const parsed = headerSchema.safeParse(jsonIn(line));
  return parsed.success ? parsed.data : undefined;
}

/** What a line after the first is. */
export function itemIn(line: string): RecordLine {
  if (line.startsWith('{"seq":')) return { line };
  const parsed = checkpointSchema.safeParse(jsonIn(line));
  return parsed.success ? parsed.data : { stray: 'a line that is neither an entry nor a checkpoint' };
}

function jsonIn(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
