/** SAML has all times in UTC, and says so with a Z. */
const TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z$/;

/** Milliseconds since the epoch; undefined where it is no time of SAML. */
export function samlTimeMs(text: string | undefined): number | undefined {
  if (text === undefined || !TIME.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
