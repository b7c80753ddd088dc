import { type Figure, median } from './figures.js';

export interface Side {
  readonly name: string;
  measure(): Promise<number>;
}

export interface SideBySideOptions {
  readonly runs: number;
  readonly say: (line: string) => void;
  /** One measured value as a person reads it. */
  readonly show: (value: number) => string;
}

/**
 * Measures two sides in turn, who goes first changing with every run, and gives the median of the runs' ratios: a
 * machine that gets slower in the middle slows both halves of a ratio. One run of each before counts for nothing.
 */
export async function sideBySide(broker: Side, other: Side, { runs, say, show }: SideBySideOptions): Promise<Figure> {
  await broker.measure();
  await other.measure();
  const pairs: { readonly broker: number; readonly other: number }[] = [];
  for (let run = 1; run <= runs; run += 1) {
    const brokerFirst = run % 2 === 1;
    const early = await (brokerFirst ? broker : other).measure();
    const late = await (brokerFirst ? other : broker).measure();
    const pair = brokerFirst ? { broker: early, other: late } : { broker: late, other: early };
    pairs.push(pair);
    const ratio = (pair.broker / pair.other).toFixed(2);
    say(`run ${run} of ${runs}: ${broker.name} ${show(pair.broker)}, ${other.name} ${show(pair.other)}: ${ratio}`);
  }
  const samples = pairs.map((pair) => pair.broker / pair.other);
  const [ours, theirs] = [median(pairs.map((pair) => pair.broker)), median(pairs.map((pair) => pair.other))];
  return {
    value: median(samples),
    samples,
    detail: `${broker.name} ${show(ours)}, ${other.name} ${show(theirs)}`,
  };
}
