/** Names inside a live recording's directory and inside a sealed archive. */
export const ENTRIES_NAME = 'entries.jsonl';
/** Only in a sealed archive: the entries in frames, and where each frame begins. */
export const FRAMES_NAME = 'entries.jsonl.zst';
export const INDEX_NAME = 'entries.index';
export const RESERVE_NAME = 'reserve.bin';
export const TORN_NAME = 'torn.json';
export const DAMAGE_NAME = 'damage.json';
export const MANIFEST_NAME = 'manifest.json';
export const SIGNATURE_NAME = 'manifest.jws';

/** The file of a live segment: `responses-000001.bin`. */
export function liveSegmentName(segment: number): string {
  return `responses-${sixDigits(segment)}.bin`;
}

/** The archive member of a sealed segment: `segments/000001.zst`. */
export function sealedSegmentName(segment: number): string {
  return `segments/${sixDigits(segment)}.zst`;
}

/** The file of what was damaged in a live recording and set aside: `damaged-000001.bin`. */
export function liveDamagedName(part: number): string {
  return `damaged-${sixDigits(part)}.bin`;
}

/** The archive member of a damaged part: `damaged/000001.bin`. */
export function sealedDamagedName(part: number): string {
  return `damaged/${sixDigits(part)}.bin`;
}

function sixDigits(number: number): string {
  return String(number).padStart(6, '0');
}
