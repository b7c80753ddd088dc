/**
 * Values that are used once, for all processes of the api together. Every call rejects when the store cannot be reached:
 * a sign-in that cannot be followed does not happen.
 */
export interface OneTimeStore {
  put(key: string, value: string, ttlMs: number): Promise<void>;
  /** Gives the value and removes it in one step; of several callers one gets it. */
  take(key: string): Promise<string | undefined>;
  /** True for the first caller in `ttlMs`. */
  claim(key: string, ttlMs: number): Promise<boolean>;
}
