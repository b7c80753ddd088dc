/** What was asked and not taken yet; older answers than this are nobody's any more. */
const asked = new Map<string, { readonly response: Promise<Response>; readonly atMs: number }>();
const EARLY_MS_MAX = 5_000;

interface Asking extends RequestInit {
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request to the API, as the person who is signed in, of whom nothing is kept. */
export function ask(address: string, { headers, ...rest }: Asking = {}): Promise<Response> {
  return fetch(address, {
    ...rest,
    headers: { accept: 'application/json, application/problem+json', ...headers },
    credentials: 'same-origin',
    redirect: 'error',
    cache: 'no-store',
  });
}

/** Asks for what the page will need, while its own code is still on its way. The first call of this address takes the answer. */
export function askEarly(address: string): void {
  const response = ask(address);
  response.catch(() => undefined); // what it was is told where it is taken
  asked.set(address, { response, atMs: performance.now() });
}

/** The answer to a call that was made early; undefined when there was none, or it is too old. */
export function takeEarly(address: string): Promise<Response> | undefined {
  const found = asked.get(address);
  asked.delete(address);
  return found !== undefined && performance.now() - found.atMs < EARLY_MS_MAX ? found.response : undefined;
}
