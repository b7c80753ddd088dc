import { Counter, Gauge, Registry } from 'prom-client';
import { ADDED_BOUNDS_US, OPERATION_WAYS, type OperationMeter } from '../../gateway/operation-meter.js';
import { metricsText } from '../../health/process-metrics.js';

const US_PER_SECOND = 1_000_000;

/** What a gateway counts; everything is asked for when somebody looks. */
export interface GatewayFigures {
  readonly grants: () => number;
  readonly sessions: () => number;
  readonly isDraining: () => boolean;
  /** Bytes that were written to recordings since the start. */
  readonly recordedBytes: () => number;
  /** How long ago the lease was renewed last. */
  readonly leaseAgeSeconds: () => number;
  /** When certificates end, by what they are: milliseconds since the epoch. */
  readonly certificateEndsMs: Readonly<Record<string, number>>;
  readonly meter: Pick<OperationMeter, 'verdicts' | 'added'>;
}

/** The figures in the format of Prometheus. Labels never hold names that callers choose. */
export class GatewayMetrics {
  readonly #registry = new Registry();
  readonly #meter: GatewayFigures['meter'];

  constructor(figures: GatewayFigures) {
    const { grants, sessions, isDraining, recordedBytes, leaseAgeSeconds, certificateEndsMs, meter } = figures;
    this.#meter = meter;
    this.#gauge('doorwarden_gateway_grants', 'Grants that this gateway holds.', grants);
    this.#gauge('doorwarden_gateway_sessions', 'Client connections under those grants.', sessions);
    const draining = '1 while this gateway takes no new grants because it was told to stop.';
    this.#gauge('doorwarden_gateway_draining', draining, () => (isDraining() ? 1 : 0));
    const leaseAge = 'Seconds since the lease was renewed last; at GATEWAY_LEASE_SECONDS all grants are let go of.';
    this.#gauge('doorwarden_gateway_lease_age_seconds', leaseAge, leaseAgeSeconds);
    this.#counter('doorwarden_recording_bytes_total', 'Bytes written to live recordings.', [], () => [
      [{}, recordedBytes()],
    ]);
    this.#counter('doorwarden_statements_total', 'Statements by the verdict of the policy.', ['verdict'], () =>
      Object.entries(meter.verdicts).map(([verdict, count]) => [{ verdict }, count]),
    );
    const certificates: Gauge<'certificate'> = new Gauge({
      name: 'doorwarden_certificate_end_timestamp_seconds',
      help: 'When the certificates of endpoints are no longer valid: of the authority, and of this process.',
      labelNames: ['certificate'],
      registers: [this.#registry],
    });
    for (const [certificate, endMs] of Object.entries(certificateEndsMs)) {
      certificates.set({ certificate }, endMs / 1000);
    }
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    return `${await metricsText(this.#registry)}\n${addedText(this.#meter)}`;
  }

  #gauge(name: string, help: string, value: () => number): void {
    const made: Gauge = new Gauge({ name, help, registers: [this.#registry], collect: () => made.set(value()) });
  }

  #counter<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    values: () => readonly (readonly [Readonly<Partial<Record<Label, string>>>, number])[],
  ): void {
    const made: Counter<Label> = new Counter({
      name,
      help,
      labelNames: [...labelNames],
      registers: [this.#registry],
      collect: () => {
        made.reset();
        for (const [labels, value] of values()) made.inc(labels, value);
      },
    });
  }
}

/** Written here, because what is counted for each statement is counted in numbers alone. */
function addedText(meter: GatewayFigures['meter']): string {
  const name = 'doorwarden_statement_added_seconds';
  const lines = [
    `# HELP ${name} From when a statement was read until it left for the target; those that people were asked about are not in it.`,
    `# TYPE ${name} histogram`,
  ];
  for (const way of OPERATION_WAYS) {
    const { counts, sumUs } = meter.added(way);
    let sum = 0;
    for (const [index, count] of counts.entries()) {
      sum += count;
      const bound = ADDED_BOUNDS_US[index];
      lines.push(`${name}_bucket{le="${bound === undefined ? '+Inf' : bound / US_PER_SECOND}",way="${way}"} ${sum}`);
    }
    lines.push(`${name}_sum{way="${way}"} ${sumUs / US_PER_SECOND}`, `${name}_count{way="${way}"} ${sum}`);
  }
  return `${lines.join('\n')}\n`;
}
