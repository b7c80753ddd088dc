import { BrokerError } from '../../../../kernel/errors.js';
import type { ParameterType } from '../../wire/values/bound-values.js';
import { ChunkList } from '../../wire/chunk-list.js';
import type { JudgedStatement, SessionScene } from '../../judge/judgement.js';

/** A prepared statement of one session, as far as executing it needs to be understood. */
export interface PreparedStatement {
  /** The id that the client was given. */
  readonly id: number;
  /** The id that the target knows it by: the same, but of a deferred one. Undefined until that is prepared there. */
  targetId: number | undefined;
  /** Number of the statement that prepared it, in the recording. */
  readonly statement: number;
  /** Its text, as it was read when it was prepared. */
  readonly read: Pick<JudgedStatement, 'bytes' | 'analysed' | 'text'>;
  readonly parameterCount: number;
  /** What the session was set to when it was prepared: the target runs it in that database wherever the session is. */
  readonly scene: SessionScene;
  /**
   * Parameter types as the target has them from an execution; a further one may leave them out. Undefined also where that
   * is not sure.
   */
  types: readonly ParameterType[] | undefined;
  /** The target was sent types. */
  hasTypes: boolean;
  /** What its last execution was judged in, and what the session was set to then: derived once for many executions. */
  executedIn: { readonly now: SessionScene; readonly scene: SessionScene } | undefined;
  /** Values that came in pieces, by parameter number, for the next execution. */
  readonly longData: Map<number, ChunkList>;
}

/** https://dev.mysql.com/doc/refman/9.7/en/server-system-variables.html#sysvar_max_prepared_stmt_count */
const PREPARED_STATEMENTS_MAX = 16_382;
/** What a value in pieces counts for besides its bytes, so that empty ones do not come for nothing. */
const LONG_DATA_OVERHEAD_BYTES = 512;

/** Ids of deferred statements are the gateway's own; targets count theirs from 1. */
const DEFERRED_ID_FIRST = 0x40000000;
const DEFERRED_ID_LAST = 0x7fffffff;

const NO_LONG_DATA: ReadonlyMap<number, Buffer> = new Map();

/** MariaDB's −1, for the statement that was prepared last. */
const ID_OF_THE_LAST = 0xffff_ffff;

/** The ids that this session was given; any other one is refused. */
export class PreparedStatements {
  readonly #byId = new Map<number, PreparedStatement>();
  readonly #bytesMax: number;
  #last: PreparedStatement | undefined;
  #textBytes = 0;
  #longDataBytes = 0;
  #deferredId = DEFERRED_ID_FIRST;

  /** `bytesMax` is for the texts of all statements of the session together, and again for their values in pieces. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** @throws BrokerError `payload_too_large` when the session may not prepare a further text of this length */
  requireRoom(textBytes: number): void {
    if (this.#byId.size >= PREPARED_STATEMENTS_MAX || this.#textBytes + textBytes > this.#bytesMax) {
      throw new BrokerError('payload_too_large', { detail: 'This session has too many prepared statements open.' });
    }
  }

  /** An id that no statement of this session has, for one that the target does not know yet. */
  nextDeferredId(): number {
    while (this.#byId.has(this.#deferredId)) this.#deferredId += 1;
    const id = this.#deferredId;
    this.#deferredId = id === DEFERRED_ID_LAST ? DEFERRED_ID_FIRST : id + 1;
    return id;
  }

  /** @throws BrokerError `target_protocol_violation` when the target gives an id that a deferred statement has */
  add(prepared: Pick<PreparedStatement, 'id' | 'targetId' | 'statement' | 'read' | 'parameterCount' | 'scene'>): void {
    const replaced = this.#byId.get(prepared.id);
    if (replaced !== undefined && replaced.targetId !== replaced.id) {
      throw new BrokerError('target_protocol_violation', {
        detail: 'The target gave a prepared statement an id that another one has.',
      });
    }
    this.delete(prepared.id);
    this.#textBytes += prepared.read.bytes.length;
    this.#last = { ...prepared, types: undefined, hasTypes: false, executedIn: undefined, longData: new Map() };
    this.#byId.set(prepared.id, this.#last);
  }

  /** A further text is to be prepared: whatever becomes of it, it is the last one, to the target too. */
  forgetLast(): void {
    this.#last = undefined;
  }

  /** @throws BrokerError `statement_unknown` */
  get(id: number, takesLast = false): PreparedStatement {
    const prepared = takesLast && id === ID_OF_THE_LAST ? this.#last : this.#byId.get(id);
    if (prepared === undefined) throw new BrokerError('statement_unknown');
    return prepared;
  }

  /** Copies the bytes. @throws BrokerError `payload_too_large`, `packet_malformed` */
  addLongData({ parameterCount, longData }: PreparedStatement, parameter: number, bytes: Buffer): void {
    if (parameter >= parameterCount) {
      throw new BrokerError('packet_malformed', { detail: 'The statement has no parameter with that number.' });
    }
    const started = longData.get(parameter);
    const cost = bytes.length + (started === undefined ? LONG_DATA_OVERHEAD_BYTES : 0);
    if (this.#longDataBytes + cost > this.#bytesMax) {
      throw new BrokerError('payload_too_large', {
        detail: 'The values that the client sent in pieces are too large together.',
      });
    }
    this.#longDataBytes += cost;
    const pieces = started ?? new ChunkList();
    pieces.append(Buffer.from(bytes)); // a copy: the chunk it came in is not ours to keep
    longData.set(parameter, pieces);
  }

  /** The values that came in pieces for the next execution, each whole. Asking again costs nothing. */
  joinLongData({ longData }: PreparedStatement): ReadonlyMap<number, Buffer> {
    if (longData.size === 0) return NO_LONG_DATA;
    return new Map([...longData].map(([parameter, pieces]) => [parameter, joined(pieces)]));
  }

  forgetLongData({ longData }: PreparedStatement): void {
    if (longData.size === 0) return;
    for (const pieces of longData.values()) this.#longDataBytes -= pieces.bytes + LONG_DATA_OVERHEAD_BYTES;
    longData.clear();
  }

  delete(id: number): void {
    const prepared = this.#byId.get(id);
    if (prepared === undefined) return;
    this.forgetLongData(prepared);
    this.#textBytes -= prepared.read.bytes.length;
    this.#byId.delete(id);
    if (this.#last === prepared) this.#last = undefined;
  }

  clear(): void {
    this.#byId.clear();
    this.#last = undefined;
    this.#textBytes = 0;
    this.#longDataBytes = 0;
  }
}

/**
 * The target is sent types of parameters. A server that refuses an execution may have done so before it read them; until
 * it has answered well, what it has is sure only where it cannot have had others.
 */
export function typesSent(prepared: PreparedStatement, types: readonly ParameterType[]): void {
  const isSure = !prepared.hasTypes || (prepared.types !== undefined && isSame(prepared.types, types));
  prepared.types = isSure ? types : undefined;
  prepared.hasTypes = true;
}

function isSame(one: readonly ParameterType[], other: readonly ParameterType[]): boolean {
  return one.every(({ type, unsigned }, index) => type === other[index]?.type && unsigned === other[index].unsigned);
}

/** One piece from now on, so that a client which sends one malformed execution after the other has it joined once. */
function joined(pieces: ChunkList): Buffer {
  const parts = pieces.take();
  const [only] = parts;
  const whole = only !== undefined && parts.length === 1 ? only : Buffer.concat(parts);
  pieces.append(whole);
  return whole;
}
