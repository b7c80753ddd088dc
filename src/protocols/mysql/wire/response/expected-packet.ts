import type { CommandResponse } from '../commands.js';
import { PACKET_PAYLOAD_BYTES_MAX } from '../packet.js';
import { EOF_HEADER, EOF_PAYLOAD_BYTES, ERR_HEADER, OK_HEADER, OK_PAYLOAD_BYTES_MIN } from '../packets.js';
import { violation } from '../wire-error.js';

/** Stands for the first byte of a payload that has none. */
export const NO_FIRST_BYTE = -1;
/** At the start of a result: the server asks for a file of the client. At the start of a text row: NULL. */
export const LOCAL_INFILE_HEADER = 0xfb;

/**
 * What the next packet is. A response is a walk through these; an ERR packet ends it from anywhere, and the states
 * with a star are passed over under CLIENT_DEPRECATE_EOF:
 *
 *     head ──► (OK) ───────────────────────────────────► done, or head again while SERVER_MORE_RESULTS_EXISTS
 *       └────► columns ──► columnsEnd* ──► rows ──► (end) ──► done, or head again
 *     preparedHead ──► parameters ──► parametersEnd* ──► preparedColumns ──► preparedColumnsEnd* ──► done
 *       └────► (OK that prepares nothing) ─────────────► done
 *     rows (COM_STMT_FETCH) │ fieldList │ statistics │ okOnly ──► done
 */
export type ExpectedPacket =
  | 'head'
  | 'columns'
  | 'columnsEnd'
  | 'rows'
  | 'preparedHead'
  | 'parameters'
  | 'parametersEnd'
  | 'preparedColumns'
  | 'preparedColumnsEnd'
  | 'fieldList'
  | 'statistics'
  | 'okOnly'
  | 'done';

/** What a response begins with. */
export const FIRST_EXPECTED: Readonly<Record<CommandResponse, ExpectedPacket>> = {
  none: 'done',
  ok: 'okOnly',
  results: 'head',
  prepared: 'preparedHead',
  rows: 'rows',
  columns: 'fieldList',
  text: 'statistics',
};

/**
 * Tells by length and first byte whether a payload is content to be stepped over or has to be read.
 *
 * What the first byte means depends on where it comes:
 *
 * - 0x00 is OK at the start of a result. In rows it is one of many: the start of every binary row, and of a text row
 *   whose first value is empty.
 * - 0xFE ends the rows. A text row could start with it too, since it announces a length of 8 bytes, but only before a
 *   value of 16 MiB or more, and then the packet is full and another one follows with the rest. So under
 *   CLIENT_DEPRECATE_EOF (the end is an OK packet with this header) less than a full packet is the end; without it the
 *   end is an EOF packet of exactly 5 bytes.
 * - 0xFF is ERR everywhere: no length-encoded integer and no row starts with it.
 * - 0xFB is NULL at the start of a text row. At the start of a result it is LOCAL INFILE: the server asks the client
 *   for a file of its disk. That is never offered to it, so a server that does it is not to be spoken to further.
 */
export class PacketStartRules {
  readonly #deprecateEof: boolean;

  constructor(deprecateEof: boolean) {
    this.#deprecateEof = deprecateEof;
  }

  /**
   * Whether the payload has to be read.
   * @throws BrokerError `target_protocol_violation` when it can be neither
   */
  isControl(expected: ExpectedPacket, payloadBytes: number, first: number, rowFirstByteMax: number): boolean {
    if (first === NO_FIRST_BYTE) throw violation('A packet is empty.');
    if (first === ERR_HEADER) return true;
    switch (expected) {
      case 'head':
        if (first === LOCAL_INFILE_HEADER) throw violation('The server asked for a file of the client.');
        return true;
      case 'rows':
        return first > rowFirstByteMax && this.#isEnd(payloadBytes, first, rowFirstByteMax > 0);
      case 'fieldList':
        return first === EOF_HEADER ? this.#isEnd(payloadBytes, first, false) : isNoDefinition(first);
      case 'columns':
      case 'parameters':
      case 'preparedColumns':
        return isNoDefinition(first);
      case 'statistics':
        return false;
      case 'preparedHead':
      case 'okOnly':
        if (first !== OK_HEADER) throw violation('Another packet came where OK must come.');
        return true;
      default:
        if (first !== EOF_HEADER) throw violation('Another packet came where EOF must come.');
        return true;
    }
  }

  /** Of a packet in place of a row that does not start as rows here do: the end (true), a huge text row, or neither. */
  #isEnd(payloadBytes: number, first: number, mayBeText: boolean): boolean {
    if (first !== EOF_HEADER) throw violation('A binary row has another start than 0x00.');
    if (payloadBytes === PACKET_PAYLOAD_BYTES_MAX) {
      if (!mayBeText) throw violation('A full packet starts with 0xFE where no text row can be.');
      return false;
    }
    const fits = this.#deprecateEof ? payloadBytes >= OK_PAYLOAD_BYTES_MIN : payloadBytes === EOF_PAYLOAD_BYTES;
    if (!fits) throw violation('The end of the rows has an impossible length.');
    return true;
  }
}

/** Always false. A definition starts with the length of its catalog's name, so with a small number. */
function isNoDefinition(first: number): false {
  if (first >= LOCAL_INFILE_HEADER) throw violation('A column definition has an impossible start.');
  return false;
}
