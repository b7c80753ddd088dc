/** Names inside a live recording's directory and inside a sealed archive. */
export const ENTRIES_NAME = 'entries.jsonl';
export const RESERVE_NAME = 'reserve.bin';
export const TORN_NAME = 'torn.json';
export const MANIFEST_NAME = 'manifest.json';
export const SIGNATURE_NAME = 'manifest.jws';

/** The file of a live segment: `responses-000001.bin`. */
export function liveSegmentName(segment: number): string {
  return `responses-${segmentDigits(segment)}.bin`;
}

/** The archive member of a sealed segment: `segments/000001.zst`. */
export function sealedSegmentName(segment: number): string {
  return `segments/${segmentDigits(segment)}.zst`;
}

function segmentDigits(segment: number): string {
  return String(segment).padStart(6, '0');
}
