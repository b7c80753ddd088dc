import type { BrowserContext, Page } from 'playwright-core';
import { z } from 'zod';

/** Nobody: who has not signed in. */
export const NOBODY = '';

/** A browser context, in which one person after the other is signed in. */
interface Seat {
  readonly context: BrowserContext;
  /** Stays open, and with it the process that has compiled the page's code (chromium.ts). */
  readonly keeper: Page;
  person: string;
}

/** What a person's browser has kept. */
interface Kept {
  readonly cookies: Parameters<BrowserContext['addCookies']>[0];
  readonly choices: Readonly<Record<string, string>>;
}

const stored = z.record(z.string(), z.string());

export interface SeatsOptions {
  readonly makeContext: () => Promise<BrowserContext>;
  /** The cookies with which somebody is signed in. */
  readonly signIn: (person: string) => Promise<Kept['cookies']>;
}

/**
 * Browser contexts for the persons of a file. Each person finds what their browser has kept, cookies and choices alike, and
 * shares the context with those who come before and after: a context has processes and caches of its own, and to begin one
 * costs as much as two loads of the page. Who is there at the same time has another one.
 */
export class Seats {
  readonly #options: SeatsOptions;
  readonly #seats: Seat[] = [];
  readonly #kept = new Map<string, Kept>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: SeatsOptions) {
    this.#options = options;
  }

  /** A new page of a person. One after the other: who takes a seat would not see who is about to. */
  async newPage(person: string): Promise<Page> {
    const page = this.#last.then(async () => (await this.#seatOf(person)).context.newPage());
    this.#last = page.catch(() => undefined);
    return page;
  }

  /** Closes what is open; the persons stay where they are. */
  async clear(): Promise<void> {
    const pages = this.#seats.flatMap(({ context, keeper }) => context.pages().filter((page) => page !== keeper));
    await Promise.all(pages.map((page) => page.close()));
  }

  async #seatOf(person: string): Promise<Seat> {
    const own = this.#seats.find((seat) => seat.person === person);
    if (own !== undefined) return own;
    const free = this.#seats.find(({ context }) => context.pages().length === 1);
    const seat = free ?? (await this.#newSeat());
    if (free !== undefined) this.#kept.set(free.person, await leave(free));
    const kept = this.#kept.get(person) ?? {
      cookies: person === NOBODY ? [] : await this.#options.signIn(person),
      choices: {},
    };
    await enter(seat, kept);
    seat.person = person;
    return seat;
  }

  async #newSeat(): Promise<Seat> {
    const context = await this.#options.makeContext();
    const keeper = await context.newPage();
    await keeper.goto('/health/live');
    const seat = { context, keeper, person: NOBODY };
    this.#seats.push(seat);
    return seat;
  }
}

async function leave({ context, keeper }: Seat): Promise<Kept> {
  const choices = stored.parse(await keeper.evaluate('({ ...localStorage })'));
  const cookies = await context.cookies();
  await context.clearCookies();
  await keeper.evaluate('localStorage.clear()');
  return { cookies, choices };
}

async function enter({ context, keeper }: Seat, { cookies, choices }: Kept): Promise<void> {
  if (cookies.length > 0) await context.addCookies(cookies);
  if (Object.keys(choices).length > 0) await keeper.evaluate(`Object.assign(localStorage, ${JSON.stringify(choices)})`);
}
