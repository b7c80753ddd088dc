import { type EnvelopeKey, envelopeKeyId, isEnvelopeKeyThere, loadEnvelopeKey } from '../../keys/envelope.js';
import type { StateSource } from '../../persistence/state/data-source.js';
import { TargetRepository } from '../../persistence/targets/target.repository.js';
import { StartError } from '../../start/start-error.js';

export interface EnvelopeKeyConfig {
  readonly ENVELOPE_KEY?: string | undefined;
  readonly KEYS_DIR: string;
  /** Ids of keys that are lost for good. */
  readonly LOST_ENVELOPE_KEYS: readonly string[];
}

/**
 * The envelope key, which opens the passwords that are stored; a new one only where none is stored under another.
 * @throws StartError with the ids of the keys that are needed, before anything is made or published
 */
export async function fittingEnvelopeKey(config: EnvelopeKeyConfig, source: StateSource): Promise<EnvelopeKey> {
  const needed = countByKey(await new TargetRepository(source).envelopes());
  for (const lost of config.LOST_ENVELOPE_KEYS) needed.delete(lost);
  const isThere = isEnvelopeKeyThere(config);
  if (!isThere && needed.size > 0) throw misfit(`${placeOf(config)} holds no envelope key`, needed);
  const key = await loadEnvelopeKey(config);
  needed.delete(key.publicJwk.kid);
  if (needed.size > 0) throw misfit(`${placeOf(config)} holds the envelope key ${key.publicJwk.kid}`, needed);
  return key;
}

function countByKey(envelopes: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const envelope of envelopes) {
    const id = envelopeKeyId(envelope);
    if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

function placeOf({ ENVELOPE_KEY, KEYS_DIR }: EnvelopeKeyConfig): string {
  return ENVELOPE_KEY === undefined ? `KEYS_DIR (${KEYS_DIR})` : 'ENVELOPE_KEY';
}

function misfit(found: string, needed: ReadonlyMap<string, number>): StartError {
  const ids = [...needed.keys()].join(',');
  const stored = [...needed].map(([id, count]) => `${count} under the key ${id}`).join(' and ');
  return new StartError(
    `${found}, but passwords of targets are stored ${stored}. Bring that key back: from a backup of KEYS_DIR, or as ENVELOPE_KEY. ` +
      `If it is lost for good, start with LOST_ENVELOPE_KEYS=${ids} and give each target its password again.`,
  );
}
