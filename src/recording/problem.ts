/** The first thing that does not hold in a recording. */
export interface Problem {
  /** `entry 12`, `segment 2`, `manifest`, `signature` or `archive byte 1234`. */
  readonly where: string;
  /** One sentence. */
  readonly what: string;
}

export function entryProblem(entry: number, what: string): Problem {
  return { where: `entry ${entry}`, what };
}

export function segmentProblem(segment: number, what: string): Problem {
  return { where: `segment ${segment}`, what };
}
