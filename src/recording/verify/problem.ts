import type { FrameUnreadable } from '../frames/frame-codec.js';

/** The first thing that does not hold in a recording. */
export interface Problem {
  /** `entry 12`, `frame 3`, `segment 2`, `index`, `manifest`, `signature`, `damaged/000001.bin` or `archive byte 1234`. */
  readonly where: string;
  /** The entry at which it was found, when it was found at one. */
  readonly entry?: number;
  /** One sentence. */
  readonly what: string;
}

export function entryProblem(entry: number, what: string): Problem {
  return { where: `entry ${entry}`, what, entry };
}

export function frameProblem({ frame, what }: FrameUnreadable, entriesBefore: number): Problem {
  return { where: `frame ${frame}`, what: `It ${what}. The ${entriesBefore} entries before it hold.` };
}

export function segmentProblem(segment: number, what: string): Problem {
  return { where: `segment ${segment}`, what };
}
