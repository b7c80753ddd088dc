import { ApiFailure } from '../../client/api-failure.js';

/** Does `work` unless the thing is there already: with a configured state database it may be from the run before. */
export async function unlessThere<T>(code: string, work: () => Promise<T>, instead: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApiFailure && error.code === code) return instead();
    throw error;
  }
}
