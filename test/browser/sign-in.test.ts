import { createServer, type Server } from 'node:http';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { useBrowser } from '../support/chromium.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { makeLink } from '../support/sign-in.js';

const broker = useSharedBroker();
const browser = useBrowser();
let context: BrowserContext;
/** Another site: to a browser `localhost` is another one than `127.0.0.1`. */
let elsewhere: Server;
let otherSite = '';
let html = '';

beforeAll(async () => {
  context = await browser().newContext({ viewport: { width: 1280, height: 800 } });
  elsewhere = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><title>elsewhere</title>${html}`);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => elsewhere.once('listening', resolve));
  const address = elsewhere.address();
  otherSite = `http://localhost:${typeof address === 'object' ? address?.port : ''}`;
}, 90_000);
afterEach(async () => {
  await context.clearCookies();
  for (const page of context.pages()) await page.close();
});
afterAll(() => void elsewhere?.close());

/** A page that complains of nothing, or says what of. */
async function newPage(): Promise<{ page: Page; faults: string[] }> {
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => void (message.type() === 'error' && faults.push(message.text())));
  page.on('pageerror', (error) => void faults.push(error.message));
  return { page, faults };
}

async function signedIn(name = 'test-approver'): Promise<Page> {
  const { page } = await newPage();
  await page.goto(`${broker().api}${await makeLink(broker(), name)}`);
  return page;
}

/** What a script of the page that is open gets for a call. */
async function fetchIn(page: Page, url: string, init: object = {}): Promise<unknown> {
  const options = JSON.stringify({ credentials: 'include', ...init });
  return page.evaluate(`fetch(${JSON.stringify(url)}, ${options}).then(({ status }) => status, String)`);
}

/** From a page of the broker that may call it; the answers of the API themselves may call nothing. */
async function me(page: Page): Promise<unknown> {
  if (!page.url().includes('/auth/sign-in')) await page.goto(`${new URL(page.url()).origin}/auth/sign-in`);
  return fetchIn(page, '/v1/me');
}

const shots = process.env['DOORWARDEN_TEST_SHOTS'];
const OVERFLOW = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
const CREATE = JSON.stringify({ name: 'from-elsewhere', kind: 'agent', roles: ['agent'] });

async function namesOfPrincipals(): Promise<string> {
  const headers = { authorization: `Bearer ${broker().keys.operator}` };
  return (await fetch(`${broker().api}/v1/principals?limit=100`, { headers })).text();
}

describe('a browser', () => {
  it('keeps the cookie of a session on this machine without TLS, away from scripts and from other names', async () => {
    const page = await signedIn();
    const cookies = await context.cookies();
    expect(cookies).toMatchObject([
      {
        name: '__Host-doorwarden',
        domain: '127.0.0.1',
        path: '/',
        secure: true,
        httpOnly: true,
        sameSite: 'Lax',
        expires: -1,
      },
    ]);
    expect(await page.evaluate('document.cookie')).toBe('');
    expect(await me(page)).toBe(200);
    await page.goto(`${broker().api.replace('127.0.0.1', 'localhost')}/auth/sign-in`);
    expect(await me(page)).toBe(401);
  });

  it('cannot be given a cookie of that name by a script, which would fix its session', async () => {
    const { page } = await newPage();
    await page.goto(`${broker().api}/auth/sign-in`);
    const value = 'A'.repeat(43);
    await page.evaluate(`for (const path of ['/', '/x']) document.cookie = '__Host-doorwarden=${value}; path=' + path`);
    expect(await context.cookies()).toEqual([]);
  });

  it('does not use a link up by looking ahead', async () => {
    const path = await makeLink(broker(), 'test-approver');
    const { page } = await newPage();
    await page.goto(`${broker().api}/auth/sign-in`);
    await page.evaluate(`(async () => {
      const link = Object.assign(document.createElement('link'), { rel: 'prefetch', href: '${path}' });
      document.head.append(link);
      await fetch('${path}', { method: 'HEAD' }).catch(() => undefined);
    })()`);
    await page.goto(`${broker().api}${path}`);
    expect(await me(page)).toBe(200);
  });

  it('signs out by the button of the page, and going back shows nothing any more', async () => {
    const page = await signedIn();
    await page.goto(`${broker().api}/auth/sign-in`);
    expect(await page.textContent('main')).toContain('You are signed in as test-approver');
    await page.goto(`${broker().api}/v1/me`);
    expect(await page.textContent('body')).toContain('test-approver');
    await page.goto(`${broker().api}/auth/sign-in`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/auth/sign-in?out=here');
    expect(await page.textContent('main')).toContain('You are signed out here.');
    await expect.poll(() => context.cookies()).toEqual([]);
    expect(await page.textContent('main')).not.toContain('test-approver');
    await page.goBack();
    await page.goBack();
    await expect.poll(() => page.textContent('body')).not.toContain('approval.decide');
    expect(await me(page)).toBe(401);
  });
});

describe('another site', () => {
  it('changes nothing with the cookie of a person: by a form, by text/plain, by a script', async () => {
    const page = await signedIn('test-operator');
    const target = `${broker().api}/v1/principals`;
    html = `<form id="f" method="post" enctype="text/plain" action="${target}">
      <input name='{"name":"from-elsewhere","kind":"agent","roles":["agent"],"x":"' value='"}'></form>`;
    await page.goto(otherSite);
    expect(await fetchIn(page, target, { method: 'POST', body: CREATE, mode: 'no-cors' })).not.toBe(201);
    const json = { method: 'POST', body: CREATE, headers: { 'content-type': 'application/json', 'x-doorwarden': '1' } };
    expect(await fetchIn(page, target, json)).toContain('TypeError');
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.url() === target),
      page.evaluate('document.forms[0].submit()'),
    ]);
    expect(answer.status()).toBeGreaterThanOrEqual(400);
    expect(await namesOfPrincipals()).not.toContain('from-elsewhere');
  });

  it('signs nobody out, and does not sign anybody in by a link of its own', async () => {
    const page = await signedIn();
    html = `<form method="post" action="${broker().api}/auth/sign-out"></form>`;
    await page.goto(otherSite);
    await page.evaluate('document.forms[0].submit()');
    await page.waitForURL('**/auth/sign-*');
    await page.goto(`${broker().api}/docs/errors`);
    await page.goto(`${broker().api}/auth/sign-in`);
    expect(await page.textContent('main')).toContain('You are signed in as test-approver');
    await context.clearCookies();
    html = `<a href="${broker().api}${await makeLink(broker(), 'test-operator')}">look</a>`;
    await page.goto(otherSite);
    await page.click('a');
    await page.waitForURL('**/auth/link/**');
    expect(await page.textContent('main')).toContain('You are not signed in');
    expect(await context.cookies()).toEqual([]);
  });

  it('from the same host and another port is as foreign as any', async () => {
    const page = await signedIn('test-operator');
    html = '';
    await page.goto(otherSite.replace('localhost', '127.0.0.1'));
    const headers = { 'content-type': 'application/json', 'x-doorwarden': '1' };
    const target = `${broker().api}/v1/principals`;
    expect(await fetchIn(page, target, { method: 'POST', body: CREATE, headers })).toContain('TypeError');
    await fetchIn(page, target, { method: 'POST', body: CREATE, mode: 'no-cors' });
    expect(await namesOfPrincipals()).not.toContain('from-elsewhere');
  });

  it('cannot frame a page of the broker', async () => {
    html = `<iframe src="${broker().api}/auth/sign-in"></iframe>`;
    const { page, faults } = await newPage();
    await page.goto(otherSite);
    await expect.poll(() => faults.join('\n')).toMatch(/frame-ancestors|X-Frame-Options/);
    const framed = page.frames().find((frame) => frame !== page.mainFrame());
    expect(await framed?.evaluate('document.body.textContent').catch(() => 'refused')).not.toContain('Sign in');
  });
});

describe('the pages', () => {
  it.each([
    [1280, 800],
    [360, 740],
  ])('keep to their policy and fit a screen of %d×%d', async (width, height) => {
    const { page, faults } = await newPage();
    await page.setViewportSize({ width, height });
    for (const path of ['/auth/sign-in', `/auth/link/${'A'.repeat(43)}`, '/auth/finish?t=x', '/docs/errors', '/docs']) {
      await page.goto(`${broker().api}${path}`);
      const wide = await page.evaluate(OVERFLOW);
      if (path.startsWith('/auth')) expect(wide, path).toBe(0);
      if (shots !== undefined)
        await page.screenshot({ path: `${shots}/${width}-${path.slice(1, 12).replaceAll('/', '-')}.png` });
    }
    const policyFaults = faults.filter((text) => /Content Security Policy|Trusted/i.test(text));
    expect(policyFaults).toEqual([]);
  });

  it('show what others have made up as text', async () => {
    const { page } = await newPage();
    await page.goto(`${broker().api}/auth/sign-in?return=${encodeURIComponent('/"><img src=x onerror=alert(1)>')}`);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.content()).not.toContain('onerror');
  });
});
