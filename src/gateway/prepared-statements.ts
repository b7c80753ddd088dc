import { BrokerError } from '../kernel/errors.js';
import type { ParameterType } from '../wire/mysql/bound-values.js';

/** A prepared statement of one session, as far as executing it needs to be understood. */
export interface PreparedStatement {
  /** The target's id, which is also the one that the client was given. */
  readonly id: number;
  /** Number of the statement that prepared it, in the recording. */
  readonly statement: number;
  readonly text: Buffer;
  readonly parameterCount: number;
  /** Parameter types as the client sent them last; an execution may leave them out. */
  types: readonly ParameterType[] | undefined;
  /** Values that came in pieces, by parameter number, for the next execution. */
  readonly longData: Map<number, Buffer[]>;
  longDataBytes: number;
}

/** https://dev.mysql.com/doc/refman/9.7/en/server-system-variables.html#sysvar_max_prepared_stmt_count */
const PREPARED_STATEMENTS_MAX = 16_382;

/** The ids that this session was given; any other one is refused, −1 ("the last prepared") among them. */
export class PreparedStatements {
  readonly #byId = new Map<number, PreparedStatement>();
  readonly #longDataBytesMax: number;

  constructor(longDataBytesMax: number) {
    this.#longDataBytesMax = longDataBytesMax;
  }

  get isFull(): boolean {
    return this.#byId.size >= PREPARED_STATEMENTS_MAX;
  }

  add(prepared: Pick<PreparedStatement, 'id' | 'statement' | 'text' | 'parameterCount'>): void {
    this.#byId.set(prepared.id, { ...prepared, types: undefined, longData: new Map(), longDataBytes: 0 });
  }

  /** @throws BrokerError `statement_unknown` */
  get(id: number): PreparedStatement {
    const prepared = this.#byId.get(id);
    if (prepared === undefined) throw new BrokerError('statement_unknown');
    return prepared;
  }

  /** @throws BrokerError `payload_too_large` */
  addLongData(prepared: PreparedStatement, parameter: number, bytes: Buffer): void {
    if (parameter >= prepared.parameterCount) {
      throw new BrokerError('packet_malformed', { detail: 'There is no parameter of that number.' });
    }
    if (prepared.longDataBytes + bytes.length > this.#longDataBytesMax) {
      throw new BrokerError('payload_too_large', { detail: 'The values sent in pieces are too large together.' });
    }
    prepared.longDataBytes += bytes.length;
    const pieces = prepared.longData.get(parameter) ?? [];
    pieces.push(Buffer.from(bytes)); // a copy: the chunk it came in is not ours to keep
    prepared.longData.set(parameter, pieces);
  }

  /** The values that came in pieces for the next execution, each whole. */
  joinLongData(prepared: PreparedStatement): ReadonlyMap<number, Buffer> {
    return new Map([...prepared.longData].map(([parameter, pieces]) => [parameter, Buffer.concat(pieces)]));
  }

  forgetLongData(prepared: PreparedStatement): void {
    prepared.longData.clear();
    prepared.longDataBytes = 0;
  }

  delete(id: number): void {
    this.#byId.delete(id);
  }

  clear(): void {
    this.#byId.clear();
  }
}
