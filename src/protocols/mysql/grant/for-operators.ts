import { TargetLoginRefused } from '../login/target-connection.js';

/** Does what an operator is told of when it fails: a login that the target refused is told in the target's own words. */
export async function forOperators<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof TargetLoginRefused ? error.forOperators : error;
  }
}
