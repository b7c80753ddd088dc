import type { BenchBroker } from './broker.js';
import type { Bounds, Figure } from './figures.js';
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
  /** Prints a line of progress. */
  readonly say: (line: string) => void;
}

/** One line of the performance table. */
export interface Row {
  readonly name: string;
  readonly what: string;
  readonly bounds: Bounds;
  /** A sentence instead of a figure says why it cannot be measured here. */
  measure(bench: Bench): Promise<Figure | string>;
}
