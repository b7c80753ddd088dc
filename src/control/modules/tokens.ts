/** What Nest injects that is not a class. */
export const CLOCK = Symbol('Clock');
export const STATE_SOURCE = Symbol('StateSource');
export const API_CONFIG = Symbol('ApiConfig');
/** What people may read of the api's settings, and its version. */
export const API_FACTS = Symbol('ApiFacts');
/** The protocols that this build knows. */
export const PROTOCOLS = Symbol('Protocols');
/** Runs statements for agents that have no client of their own; null in a build that has none. */
export const STATEMENT_RUNNER = Symbol('StatementRunner');
/** The protocols whose recordings this build can read whole. */
export const RECORDED = Symbol('RecordedProtocols');
export const RECORDING_STORE = Symbol('RecordingStore');
export const WORKER_CONFIG = Symbol('WorkerConfig');
export const WORKER_LOG = Symbol('WorkerLog');
export const ENVELOPE_KEY = Symbol('EnvelopeKey');
export const SEAL_KEY = Symbol('SealKey');
export const SEAL_SIGNER = Symbol('SealSigner');
/** How the worker ends a grant on its target. */
export const TARGET_ENDER = Symbol('TargetEnder');
/** The ways by which the broker reaches people and their programs. */
export const CHANNELS = Symbol('Channels');
