import type { BenchBroker } from './broker.js';
import type { Bounds, Figure, Scale } from './figures.js';
import type { BenchOptions } from './options.js';
import type { BenchDatabase, Proxy } from './servers.js';

/** What is running while rows are measured. */
export interface Bench {
  readonly options: BenchOptions;
  readonly database: BenchDatabase;
  readonly broker: BenchBroker;
  readonly haproxy: Proxy;
  /** Or why there is none. */
  readonly router: Proxy | string;
  /** A relay in Node.js that only passes bytes on. */
  readonly relay: Proxy;
  /** Prints a line of progress. */
  readonly say: (line: string) => void;
}

/** One line of the performance table. */
export interface Row {
  readonly name: string;
  readonly what: string;
  /** Only a unit, for a row that says what others are to be compared with. */
  readonly bounds: Bounds | Scale;
  /** A sentence instead of a figure says why it cannot be measured here. */
  measure(bench: Bench): Promise<Figure | string>;
}
