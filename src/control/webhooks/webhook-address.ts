import { isIP } from 'node:net';
import type { WebhookSettings } from '../../config/webhooks.js';
import { mayConnectWithin } from '../../egress/address-rules.js';

/** Why events cannot be sent to an address, as far as the address alone tells; null: they can. Names are judged when they are sent. */
export function addressProblem(address: string, settings: WebhookSettings): string | null {
  const url = URL.parse(address);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return 'url must begin with https://';
  if (url.protocol === 'http:' && settings.WEBHOOK_ALLOW_HTTP === 'false') {
    return 'url must begin with https://; with WEBHOOK_ALLOW_HTTP=true it may begin with http://';
  }
  if (url.username !== '' || url.password !== '') return 'url must not have a user name or a password in it';
  if (url.hash !== '') return 'url must not have a fragment';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !mayConnectWithin(settings.WEBHOOK_ALLOWED_NETWORKS)(host)) {
    return 'url is at an address that is not public, and WEBHOOK_ALLOWED_NETWORKS does not have it';
  }
  return null;
}
