import { styleText } from 'node:util';

/** Colours for a text that is complete as it is: they add nothing that is not said in words. */
export interface Paint {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
}

const as = (text: string): string => text;

/** No colours at all. */
export const PLAIN: Paint = { strong: as, faint: as, good: as, bad: as, warn: as };

/** Colours where the stream is a terminal that has them and NO_COLOR is not set. */
export function paintFor(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv = process.env): Paint {
  const isWanted = stream.isTTY && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  if (!isWanted) return PLAIN;
  const style = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    styleText(format, text, { validateStream: false });
  return {
    strong: style('bold'),
    faint: style('dim'),
    good: style('green'),
    bad: style(['bold', 'red']),
    warn: style('yellow'),
  };
}
