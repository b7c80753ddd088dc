/** What Nest injects that is not a class. */
export const CLOCK = Symbol('Clock');
export const STATE_SOURCE = Symbol('StateSource');
export const API_CONFIG = Symbol('ApiConfig');
export const RECORDING_STORE = Symbol('RecordingStore');
