/** How a call to the Web API fails, before or after it has done what was asked. */
export type Fault =
  /** HTTP 200 with `ok: false`. */
  | { readonly kind: 'refuse'; readonly code: string }
  | { readonly kind: 'rate'; readonly retryAfterSeconds: number }
  | { readonly kind: 'status'; readonly status: number; readonly isStored?: boolean }
  /** The connection stays open and no answer comes. */
  | { readonly kind: 'silence'; readonly isStored?: boolean }
  /** The connection is cut. */
  | { readonly kind: 'cut'; readonly isStored?: boolean }
  | { readonly kind: 'slow'; readonly ms: number };

interface Injection {
  readonly method: string;
  readonly fault: Fault;
  left: number;
}

/** What goes wrong with the next calls, for tests. */
export class Faults {
  #injected: Injection[] = [];
  #away = false;

  /** The next `times` calls of a method fail so; `*` is every method. */
  inject(method: string, fault: Fault, times = Number.POSITIVE_INFINITY): void {
    this.#injected.push({ method, fault, left: times });
  }

  clear(): void {
    this.#injected = [];
    this.#away = false;
  }

  /** Slack cannot be reached until `comeBack`: every connection is cut at once, those of Socket Mode too. */
  goAway(): void {
    this.#away = true;
  }

  comeBack(): void {
    this.#away = false;
  }

  get isAway(): boolean {
    return this.#away;
  }

  /** What happens to a call of this method, if anything; it is used up by that. */
  take(method: string): Fault | undefined {
    const found = this.#injected.find((injection) => injection.left > 0 && ['*', method].includes(injection.method));
    if (found !== undefined) found.left -= 1;
    return found?.fault;
  }
}
