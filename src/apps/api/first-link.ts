import type { INestApplicationContext } from '@nestjs/common';
import { brokerErrorOf } from '../../kernel/errors.js';
import { ANY_ADDRESS } from '../any-address.js';
import { PublicAddress } from '../../control/sign-in/browser/public-address.js';
import { LINK_MINUTES, SignInLinks } from '../../control/sign-in/sign-in-links.js';

interface FirstLinkOptions {
  readonly anyAddress: boolean;
  readonly log: { warn(fields: object, message: string): void };
}

/**
 * Tells the one at the terminal how to get into a new installation: on standard error, which is not the log. Where there is
 * an operator or an identity provider already it says nothing.
 */
export async function printFirstLink(
  app: INestApplicationContext,
  { anyAddress, log }: FirstLinkOptions,
): Promise<void> {
  try {
    const path = await app.get(SignInLinks).makeFirst(anyAddress);
    if (path === undefined) return;
    const where = anyAddress
      ? 'It works from any address.'
      : `It works on this machine alone; with ${ANY_ADDRESS} from any.`;
    process.stderr.write(
      `Nobody is an operator here yet. This link signs you in as one, once, within ${LINK_MINUTES} minutes:\n\n` +
        `  ${app.get(PublicAddress).of(path)}\n\n${where} Until an identity provider is configured,\n` +
        '`doorwarden sign-in-link` makes further links.\n',
    );
  } catch (error) {
    log.warn({ reason: brokerErrorOf(error).sentence }, 'no first link could be made');
  }
}
