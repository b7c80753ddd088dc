/** What an address may be that is written to: no quotes, no comments, no letters beyond ASCII in front of the `@`. */
const ADDRESS =
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;
/** RFC 5321, 4.5.3.1.3: a path is at most 256 characters, with its brackets. */
const ADDRESS_MAX = 254;
const NAME_MAX = 100;

/** Whether mail can be sent to it as it stands: nothing in it could be a second address or a second header. */
export function isEmailAddress(text: string): boolean {
  return text.length <= ADDRESS_MAX && ADDRESS.test(text);
}

/** Who a mail is from. */
export interface Mailbox {
  readonly address: string;
  readonly name: string;
}

/** Reads `address` or `Name <address>`; undefined when it is neither. */
export function senderIn(text: string): Mailbox | undefined {
  const named = /^([^<>"\p{Cc}]*)<([^<>]+)>$/u.exec(text.trim());
  const address = named?.[2] ?? text.trim();
  const name = named?.[1]?.trim() ?? '';
  return isEmailAddress(address) && name.length <= NAME_MAX ? { address, name } : undefined;
}

/** What stands after the `@`. */
export function domainOf(address: string): string {
  return address.slice(address.indexOf('@') + 1);
}
