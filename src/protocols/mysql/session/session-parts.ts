import { Leg } from '../../../gateway/leg.js';
import type { ResponseCapture } from '../../../recording/write/response-capture.js';
import { TransactionPatience } from '../locks/transaction-patience.js';
import { FrameDecoder } from '../wire/frame-decoder.js';
import { ResponseTracker } from '../wire/response/response-tracker.js';
import { ClientFlow } from './client-flow.js';
import { CommandReader } from './command-reader.js';
import type { SessionEvent } from './machine/session-events.js';
import { locksKeptFor, type SessionState } from './machine/session-state.js';
import { OwnCommands } from './own/own-commands.js';
import { SessionContext } from './session-context.js';
import type { SessionOptions } from './session-options.js';
import { SessionRecord } from './session-record.js';
import { SessionUpkeep } from './session-upkeep.js';
import { SessionJudge } from './session-judge.js';
import { StatementWorks } from './statement-works.js';
import { TargetAnswers } from './answer/target-answers.js';

/** What a session is built of, beside its machine. */
export interface SessionParts {
  readonly client: Leg;
  readonly target: Leg;
  readonly decoder: FrameDecoder;
  readonly flow: ClientFlow;
  readonly tracker: ResponseTracker;
  readonly capture: ResponseCapture;
  readonly context: SessionContext;
  readonly reader: CommandReader;
  readonly own: OwnCommands;
  readonly judge: SessionJudge;
  readonly works: StatementWorks;
  readonly answers: TargetAnswers;
  readonly upkeep: SessionUpkeep;
  readonly record: SessionRecord;
  readonly patience: TransactionPatience;
}

/** The machine as the parts see it. */
export interface SessionMachine {
  readonly state: () => SessionState;
  readonly feed: (event: SessionEvent) => void;
}

export function partsOf(options: SessionOptions, { state, feed }: SessionMachine): SessionParts {
  const {
    number: session,
    capabilities,
    limits,
    recorder,
    xa,
    sockets,
    poll,
    clock,
    locks,
    targetThread: thread,
  } = options;
  const client = new Leg(options.client, sockets, () => poll.arrived('client'));
  const target = new Leg(options.target, sockets, () => poll.arrived('target'));
  const decoder = new FrameDecoder({ payloadBytesMax: limits.commandBytesMax });
  const flow = new ClientFlow(client, target, decoder, limits.pipelinedBytesMax);
  const tracker = new ResponseTracker(capabilities);
  const capture = recorder.captureResponse();
  const context = new SessionContext(options);
  const preparedBytesMax = limits.commandBytesMax;
  const reader = new CommandReader({ session, context, capabilities, recorder, xa, preparedBytesMax });
  const own = new OwnCommands({ target, tracker, context, state });
  const upkeep = new SessionUpkeep(options, context, own);
  const keptFor = (): ReturnType<typeof locksKeptFor> => locksKeptFor(state());
  const onExhausted = (why: Error): void => feed({ on: 'locks-exhausted', why });
  const patience = new TransactionPatience({ clock, locks, thread, keptFor, onExhausted });
  const judge = new SessionJudge(options, reader, upkeep);
  const works = new StatementWorks(options, { reader, context, own, upkeep, patience, feed });
  const answers = new TargetAnswers(options, { tracker, capture, context, reader, own, upkeep, patience });
  const record = new SessionRecord(options, capture);
  return {
    client,
    target,
    decoder,
    flow,
    tracker,
    capture,
    context,
    reader,
    own,
    judge,
    works,
    answers,
    upkeep,
    record,
    patience,
  };
}
