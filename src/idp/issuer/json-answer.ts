import { type Egress } from '../../egress/egress.js';
import { providerUnavailable } from '../provider-unavailable.js';
import { parseStrictJson } from '../strict-json.js';

/**
 * Reads a document of the provider.
 * @throws BrokerError `signin_provider_unavailable`
 */
export async function readJson(egress: Egress, address: string): Promise<unknown> {
  const response = await egress.fetch(address, { headers: { accept: 'application/json' } });
  if (response.status !== 200) throw providerUnavailable('status');
  return strictJsonIn(await response.text());
}

/** @throws BrokerError `signin_provider_unavailable` */
export function strictJsonIn(text: string): unknown {
  const json = parseStrictJson(text);
  if ('fault' in json) throw providerUnavailable(json.fault);
  return json.value;
}
