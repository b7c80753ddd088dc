/** What Nest injects that is not a class. */
export const CLOCK = Symbol('Clock');
export const STATE_SOURCE = Symbol('StateSource');
export const API_CONFIG = Symbol('ApiConfig');
/** The protocols that this build knows. */
export const PROTOCOLS = Symbol('Protocols');
export const RECORDING_STORE = Symbol('RecordingStore');
