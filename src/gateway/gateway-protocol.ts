import type { Socket } from 'node:net';
import type { ProtocolName, ProtocolValue, Verifier } from '../domain/protocol-value.js';
import type { CredentialMode, TargetEndpoint, TargetReport } from '../domain/target.js';
import type { Clock } from '../kernel/clock.js';
import type { BrokerError } from '../kernel/errors.js';
import type { ErrorCode } from '../kernel/errors/error-table.js';
import type { EndOfAccess, Entry, SessionOpened } from '../recording/entries/entries.js';
import type { BusyPoll } from './busy-poll.js';
import type { EndpointTls } from './certificate-authority.js';
import type { GrantRecorder } from './grant-recorder.js';
import type { SocketWay } from './leg.js';
import type { ApprovalDesk, GatewayLog, GrantOrder, PolicySource } from './ports.js';

/**
 * The port by which the gateway serves a protocol. The core listens, counts, records refusals, keeps deadlines and says
 * when a grant ends. The protocol talks: to clients, to targets, and to the accounts that it makes there. A gateway has a
 * list of these; the core never asks which protocol it has before it.
 */
export interface GatewayProtocol {
  /** As targets name it, such as `mysql`. */
  readonly name: ProtocolName;
  /** Makes what all grants of one gateway share, such as warm connections. Called once in a process. */
  start(tools: GatewayTools): ServingProtocol;
  /**
   * Connects to a target and finds out what it is, and whether grants can be made on it as wished.
   * @throws BrokerError `target_…`, in words for operators
   */
  inspect(login: TargetLogin, wish: InspectionWish, now: Date): Promise<TargetReport>;
  /**
   * Leaves nothing of a grant on its target when the gateway that held it is gone. `recorded` are the entries that it
   * left. Needs no {@link start}. Safe to repeat.
   * @throws BrokerError while the target cannot be reached
   */
  endAccess(order: GrantOrder, recorded: AsyncIterable<Entry>): Promise<EndOfAccess>;
}

/** A protocol in a gateway that runs. */
export interface ServingProtocol {
  /**
   * Prepares to hold a grant: finds out all that must be known of the target before anybody may log in. Makes nothing on
   * the target. `onBroken`: the grant can be held no longer and must end; may be called between {@link GrantTarget.start}
   * and {@link GrantTarget.close}.
   * @throws BrokerError why the grant cannot be opened, in words for operators
   */
  open(order: GrantOrder, onBroken: (why: unknown) => void): Promise<GrantTarget>;
  /** Tells a client that comes when the grant is over why, and ends its connection. Nothing was exchanged before. */
  refuse(client: Socket, fault: BrokerError): void;
  /** Resolves when nothing of the protocol runs in this process. The grants have ended before. */
  close(): Promise<void>;
}

/** The target of one grant, as a gateway uses it. The calls come in the order in which they stand here. */
export interface GrantTarget {
  /** The policies that were in force when the grant was opened. */
  readonly policyVersion: string;
  /**
   * Makes what the sessions will log in to the target with: an account, a role, a token. Nobody has the endpoint's
   * credential yet.
   * @throws BrokerError in words for operators; {@link endAccess} then takes back what was made
   */
  makeAccess(): Promise<void>;
  /** The grant is open from now on. */
  start(): void;
  /** Keeps up with the policies in force. Called every second, and must not throw. */
  follow(): void;
  /** A client has connected to the endpoint. Says and reads nothing yet; {@link Arrival} does. */
  receive(client: Socket, host: SessionHost): Arrival;
  /** The sessions are over. Resolves when nothing of the grant works at the target, besides what {@link makeAccess} made. */
  close(): Promise<void>;
  /**
   * Ends at the target whatever of the grant is there, and looks that it is gone. Safe to repeat after any failure, and
   * where nothing was made.
   * @throws BrokerError while that does not work; it is called again until it does
   */
  endAccess(): Promise<EndOfAccess>;
}

/** A client's connection that is no session yet. */
export interface Arrival {
  /**
   * Has the client show its credential, logs in to the target, and begins a session by {@link SessionHost.begin}. Resolves
   * without one when the connection asked for something else and got it, as a request to cancel does; the protocol has
   * ended it then. Takes no longer than a limit of the protocol's own.
   * @throws BrokerError why no session came of it; {@link refuse} follows. `credential_wrong` is answered late, so that
   *   guessing is slow
   */
  logIn(): Promise<void>;
  /** Tells the client why it does not get in, as far as its protocol allows by now, and ends its connection. */
  refuse(fault: BrokerError): void;
}

/** What the core does for a connection that is to become a session. */
export interface SessionHost {
  /** Where all that a session does is recorded, before it is done. */
  readonly recorder: GrantRecorder;
  /** What the endpoint's credential is checked against; undefined while the connection has not been shown to anyone. */
  verifier(): Promise<Verifier | undefined>;
  /**
   * Asks whether a session may begin now. To be called when the client has shown its credential, and before the target
   * is troubled with it.
   * @throws BrokerError why none may
   */
  admit(): void;
  /**
   * Begins a session: asks again as {@link admit} does, numbers it, has it made, and records `session.opened`. From then on
   * the core ends it with its grant. When this throws no session has begun, and the protocol lets go of what `make` made.
   * @throws BrokerError why none may begin, or that the entry is too large; what `make` throws
   */
  begin<Session extends ServedSession>(opened: SessionOpening, make: (session: number) => Session): Session;
}

/** A client's session with the target. */
export interface ServedSession {
  /** Resolves, and never rejects, when both sides are gone and the session's last entry is appended. */
  readonly ended: Promise<void>;
  /** Ends it because its grant ends: what runs at the target is cut off, and the client is told `code`. */
  end(code: ErrorCode): void;
}

/** What a gateway gives to each of its protocols. */
export interface GatewayTools {
  readonly policies: PolicySource;
  readonly desk: ApprovalDesk;
  readonly clock: Clock;
  readonly log: GatewayLog;
  /** The certificate of all endpoints of this gateway. */
  readonly tls: EndpointTls;
  /** Whether a client that does not ask for TLS is turned away. */
  readonly tlsRequired: boolean;
  readonly limits: SessionLimits;
  /** One for all sessions: they share the event loop. To be told of all that comes from either side. */
  readonly poll: Pick<BusyPoll, 'arrived'>;
  readonly tricks: MeasuredTricks;
}

/** What is fast by a trick, each with its plain version: docs/measured-tricks.md. */
export interface MeasuredTricks {
  readonly sockets: SocketWay;
  /** Whose verdict an operation may take that was judged before: one of the same shape, or of the same text. */
  readonly verdictsBy: 'shape' | 'text';
}

/** Bounds that hold for sessions of every protocol. */
export interface SessionLimits {
  /** Bytes of one operation that a client asks for, as long as it is judged or held. */
  readonly commandBytesMax: number;
  /** Bytes that a client may send ahead of the answer it waits for. */
  readonly pipelinedBytesMax: number;
  /** For a client to show its credential, the target's login included. */
  readonly authenticationMs: number;
  /** For the target to take a connection and log in. */
  readonly targetConnectMs: number;
}

/** Where a target is, and how the broker itself logs in there. */
export interface TargetLogin {
  readonly endpoint: TargetEndpoint;
  readonly username: string;
  readonly password: string;
}

/** What an operator wants to be possible on a target. */
export interface InspectionWish {
  readonly credentials: CredentialMode;
  /** Where grants begin; null: nowhere. */
  readonly defaultDatabase: string | null;
  /** What may be asked for on the target at most, in the protocol's own terms. */
  readonly limits: ProtocolValue;
}

/** What `session.opened` says besides its number and its client. */
export type SessionOpening = Omit<SessionOpened, 'type' | 'session' | 'client'>;
