import type { GatewayId, GrantId } from '../kernel/brand.js';
import type { Clock } from '../kernel/clock.js';
import { BrokerError } from '../kernel/errors.js';
import type { RecordedProtocols } from '../recording/recorded-protocol.js';
import type { RecordingLimits } from '../recording/entries/limits.js';
import { RecordingWriter, type Durability, type EntryWay } from '../recording/write/writer.js';
import { Endpoint } from './endpoint.js';
import type { GrantTarget, SessionHost } from './gateway-protocol.js';
import { grantOpenedEntry } from './grant-opened.js';
import { GrantRecorder, type DiskRoom } from './grant-recorder.js';
import { OpenGrant } from './open-grant.js';
import type { Listening, PortPool } from './port-pool.js';
import type { GatewayLog, GrantAuthority, GrantOrder } from './ports.js';
import type { ServingProtocols } from './serving-protocols.js';
import type { OperationMeter } from './operation-meter.js';

export interface GrantOpenerOptions {
  readonly gatewayId: GatewayId;
  readonly authority: Pick<GrantAuthority, 'credentialVerifier' | 'beginClose' | 'ended'>;
  readonly protocols: Pick<ServingProtocols, 'named'>;
  readonly ports: Pick<PortPool, 'listen' | 'keepFor'>;
  readonly clock: Clock;
  readonly disk: DiskRoom;
  readonly meter: OperationMeter;
  readonly recordings: {
    readonly liveDirectory: (id: GrantId) => string;
    readonly durability: Durability;
    readonly entriesAs?: EntryWay;
    readonly limits: Partial<RecordingLimits>;
    /** How bodies become bytes. */
    readonly protocols: RecordedProtocols;
    readonly discard: (id: GrantId) => Promise<void>;
  };
  readonly log: GatewayLog;
}

/**
 * Connections that the system keeps until they are accepted. Not the number of sessions: a client that the system drops
 * here believes that it is connected, and waits for a greeting that never comes. Too many are turned away with an answer.
 */
const ACCEPT_BACKLOG = 511;

/** Puts together all of a grant that is on this machine: its target's protocol, a listener, a recording. */
export class GrantOpener {
  readonly #options: GrantOpenerOptions;

  constructor(options: GrantOpenerOptions) {
    this.#options = options;
  }

  /**
   * Nothing is made on the target yet, and nobody has the grant's credential. `onBroken`: the grant must end.
   * @throws BrokerError why it cannot be opened; nothing is left then
   */
  async prepare(order: GrantOrder, onBroken: (why: unknown) => void): Promise<OpenGrant> {
    const { protocols, disk } = this.#options;
    if (!disk.hasRoom)
      throw new BrokerError('recording_unavailable', { detail: 'RECORDINGS_DIR has too little free space.' });
    const target = await protocols.named(order.target.protocol).open(order, onBroken);
    try {
      return await this.#place(order, target);
    } catch (error) {
      await target.close();
      throw error;
    }
  }

  async #place(order: GrantOrder, target: GrantTarget): Promise<OpenGrant> {
    const listening = await this.#options.ports.listen(ACCEPT_BACKLOG);
    try {
      return this.#assemble(order, target, listening, await this.#createRecording(order, target.policyVersion));
    } catch (error) {
      listening.server.close();
      throw error;
    }
  }

  #assemble(order: GrantOrder, target: GrantTarget, { server, port }: Listening, writer: RecordingWriter): OpenGrant {
    const { protocols, ports, disk, meter, clock, log, authority, recordings } = this.#options;
    const recorder = new GrantRecorder(writer, disk, meter);
    const protocol = protocols.named(order.target.protocol);
    const endpoint = new Endpoint(server, {
      sessionsMax: order.sessionsMax,
      target,
      recorder,
      verifier: this.#verifierOf(order.id),
      refuse: (client, fault) => protocol.refuse(client, fault),
      keepFor: (listener, onLate) => ports.keepFor(listener, onLate),
    });
    const discardRecording = () => recordings.discard(order.id);
    return new OpenGrant({ order, port, endpoint, target, recorder, writer, clock, log, authority, discardRecording });
  }

  async #createRecording(order: GrantOrder, policyVersion: string): Promise<RecordingWriter> {
    const { clock, gatewayId, recordings } = this.#options;
    const bodies = recordings.protocols.get(order.target.protocol)?.bytes;
    const writer = await RecordingWriter.create({
      directory: recordings.liveDirectory(order.id),
      clock,
      durability: recordings.durability,
      ...(recordings.entriesAs === undefined ? {} : { entriesAs: recordings.entriesAs }),
      limits: recordings.limits,
      ...(bodies === undefined ? {} : { bodies }),
    });
    writer.append(grantOpenedEntry(order, gatewayId, policyVersion));
    writer.flushNow();
    return writer;
  }

  /** Asks the state database once; a credential does not change after it was shown. */
  #verifierOf(id: GrantId): SessionHost['verifier'] {
    let known: Awaited<ReturnType<SessionHost['verifier']>>;
    return async () => {
      known ??= await this.#options.authority.credentialVerifier(id);
      return known;
    };
  }
}
