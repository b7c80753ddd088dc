import type { Page } from 'playwright-core';
import { afterEach, expect } from 'vitest';
import { type Broker, type BrokerOptions, useBroker } from '../../support/broker.js';
import { useBrowser } from '../../support/chromium.js';
import { useSharedBroker } from '../../support/shared-broker.js';
import { signIn } from '../../support/sign-in.js';
import { PageFaults } from './faults.js';
import { NOBODY, Seats } from './seats.js';

export const DESKTOP = { width: 1280, height: 800 } as const;
export const PHONE = { width: 360, height: 740 } as const;
const OPEN_LIMIT_MS = 45_000; // as for what is polled: the machine does other things beside them

/** Who has a test principal and may sign in. `agent` may not. */
export type PageRole = 'operator' | 'approver' | 'reviewer';

export interface PageOptions {
  readonly path?: string;
  readonly size?: { readonly width: number; readonly height: number };
}

/** The pages of one browser on one broker. */
export interface TestPages {
  readonly broker: () => Broker;
  /** A page that a principal of this role is signed in on, showing `path`. It is closed after the test. */
  readonly as: (role: PageRole, options?: PageOptions) => Promise<Page>;
  /** The same for any principal that has a name. Who is there at the same time has a browser context of their own. */
  readonly signedIn: (name: string, options?: PageOptions) => Promise<Page>;
  /** A page that nobody is signed in on. */
  readonly stranger: (options?: PageOptions) => Promise<Page>;
  /** What may go wrong in this test's pages; all else fails it. */
  readonly forgive: (...patterns: readonly RegExp[]) => void;
}

const HOST_LIMITS = {
  LIMIT_FIRST_LINKS_PER_MINUTE: '0',
  LIMIT_SIGN_IN_FAILURES_PER_10_MINUTES: '0',
  LIMIT_PAGES_PER_MINUTE: '0',
};

/**
 * Gives the tests of a file one broker and one browser. After each test its pages are closed; a breach of the page's policy,
 * an error in the console or a thrown one fails it.
 */
export function usePages(options: BrokerOptions = {}): TestPages {
  return usePagesOf(useBroker({ ...options, env: { ...HOST_LIMITS, ...options.env } }));
}

/** The same with a broker that files pass on: {@link useSharedBroker} says to whom. */
export function useSharedPages(policies?: string): TestPages {
  return usePagesOf(useSharedBroker(policies));
}

function usePagesOf(broker: () => Broker): TestPages {
  const faults = new PageFaults();
  const browser = useBrowser();
  const seats = new Seats({
    makeContext: async () => {
      const context = await browser().newContext({ viewport: DESKTOP, baseURL: broker().api });
      context.setDefaultTimeout(OPEN_LIMIT_MS);
      await faults.watch(context);
      return context;
    },
    signIn: async (name) => [cookieOf(await signIn(broker(), name))],
  });

  afterEach(async () => {
    await seats.clear();
    expect(faults.take()).toEqual([]);
  });

  const open = async (name: string, { path = '/', size = DESKTOP }: PageOptions): Promise<Page> => {
    const page = await seats.newPage(name);
    if (size !== DESKTOP) await page.setViewportSize(size);
    await page.goto(path);
    return page;
  };
  return {
    broker,
    as: (role, given = {}) => open(`test-${role}`, given),
    signedIn: (name, given = {}) => open(name, given),
    stranger: (given = {}) => open(NOBODY, given),
    forgive: (...patterns) => faults.forgive(...patterns),
  };
}

/** A session's cookie for a context, of its header: to sign in on the page itself would load all of it once more. */
function cookieOf(header: string) {
  const at = header.indexOf('=');
  const [name, value] = [header.slice(0, at), header.slice(at + 1)];
  return { name, value, domain: '127.0.0.1', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const;
}
