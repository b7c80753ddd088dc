import { existsSync } from 'node:fs';
import { BrokerError } from '../../kernel/errors.js';
import type { RecordedProtocols } from '../../recording/recorded-protocol.js';
import { setDamageAside } from '../../recording/write/damage.js';

/**
 * Does what needs a sound live recording. When that fails because the recording is damaged, the damage is set aside, where
 * the seal covers it and says so, and the work is done again, told so: a damaged recording is kept as what it is, not left unsealed.
 */
export async function withSoundRecording<T>(
  directory: string,
  protocols: RecordedProtocols,
  work: (isRepaired: boolean) => Promise<T>,
): Promise<T> {
  try {
    return await work(false);
  } catch (error) {
    const mayBeDamaged =
      error instanceof BrokerError && error.code === 'recording_unavailable' && existsSync(directory);
    if (!mayBeDamaged || (await setDamageAside(directory, protocols)) === undefined) throw error;
    return await work(true);
  }
}
