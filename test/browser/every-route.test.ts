import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../support/folders.js';
import { signIn } from '../support/sign-in.js';
import { expectAccessible } from './support/accessible.js';
import { type PageRole, useSharedPages } from './support/pages.js';
import { shoot } from './support/shots.js';

const pages = useSharedPages();
const ROLES: readonly PageRole[] = ['operator', 'approver', 'reviewer'];
const NOWHERE = '01m7ytqm8g9xt6m7ken4f6b9rz';

interface Walked {
  readonly path: string;
  /** Who sees the page; the others read which role it takes. */
  readonly roles: readonly PageRole[];
  /** That its page has to find something that is not there: the sentence of that is enough. */
  readonly isOfNothing?: boolean;
}

/** Every route of the page. A test holds the list against the router's. */
const WALK: readonly Walked[] = [
  { path: '/inbox', roles: ROLES },
  { path: `/approvals/${NOWHERE}`, roles: ROLES, isOfNothing: true },
  { path: '/tasks', roles: ROLES },
  { path: `/tasks/${NOWHERE}`, roles: ROLES, isOfNothing: true },
  { path: '/recordings', roles: ['reviewer'] },
  { path: `/recordings/${NOWHERE}`, roles: ['reviewer'], isOfNothing: true },
  { path: '/search', roles: ['reviewer'] },
  { path: '/overview', roles: ['operator', 'reviewer'] },
  { path: '/policies', roles: ROLES },
  { path: '/policies/default', roles: ROLES },
  { path: '/targets', roles: ['operator'] },
  { path: '/targets/nowhere', roles: ['operator'], isOfNothing: true },
  { path: '/people', roles: ['operator'] },
  { path: '/people/test-agent', roles: ['operator'] },
  { path: '/record', roles: ['operator', 'reviewer'] },
  { path: '/settings', roles: ['operator'] },
  { path: '/settings/new-provider', roles: ['operator'] },
  { path: '/settings/providers/nowhere', roles: ['operator'], isOfNothing: true },
  { path: '/settings/mapping', roles: ['operator'] },
  { path: '/settings/gateways', roles: ['operator'] },
  { path: '/settings/channels', roles: ['operator'] },
  { path: '/settings/webhooks', roles: ['operator'] },
  { path: '/settings/webhooks/nowhere', roles: ['operator'] },
  { path: '/settings/broker', roles: ['operator'] },
  { path: '/me', roles: ROLES },
  { path: '/device', roles: ROLES },
  { path: '/device?code=BDFH-JKLM', roles: ROLES, isOfNothing: true },
];

/** Routes as the features of the page declare them: `/people/$name`. */
function declaredRoutes(): readonly string[] {
  const features = readFileSync(join(ROOT, 'src/web/shell/routes.ts'), 'utf8');
  const files = [...features.matchAll(/from '\.\.\/(\w+\/routes?)\.js'/g)].map(([, file = '']) => `src/web/${file}.ts`);
  return files.flatMap((file) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(/^ {2}path: '([^']+)'/gm)].map(([, path = '']) => path),
  );
}

/** Goes there within the page, as its links do, once its router listens; the router says when it shows that. */
async function goWithin(page: Page, path: string): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.evaluate(`new Promise((resolve) => {
    const stop = __TSR_ROUTER__.subscribe('onResolved', () => { stop(); resolve(); });
    __TSR_ROUTER__.history.push(${JSON.stringify(path)});
  })`);
}

describe('every route of the page', () => {
  it('is walked', () => {
    const declared = declaredRoutes();
    expect(declared.length).toBeGreaterThan(15);
    const unwalked = declared.filter((route) => {
      const pattern = new RegExp(`^${route.replaceAll(/\$\w+/g, '[^/]+')}$`);
      return !WALK.some(({ path }) => pattern.test(path));
    });
    expect(unwalked).toEqual([]);
  });

  it.each(ROLES)('shows the role %s its page, or says which role it takes', async (role) => {
    pages.forgive(/status of 404/);
    const page = await pages.as(role, { path: '/me' });
    for (const [place, { path, roles, isOfNothing = false }] of WALK.entries()) {
      // Each is loaded by itself once, by one of those who see it; the others come to it from another page.
      if (roles[place % roles.length] === role) await page.goto(path);
      else await goWithin(page, path);
      expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await expect.poll(() => page.getByText('Loading…').count(), { timeout: 45_000 }).toBe(0);
      const text = (await page.textContent('main')) ?? '';
      const isRefused = /This page takes the role/.test(text);
      expect({ path, isRefused }).toEqual({ path, isRefused: !roles.includes(role) });
      if (!isRefused && !isOfNothing) expect(await page.getByRole('alert').allTextContents(), path).toEqual([]);
      await expect.poll(() => page.title()).toMatch(/ · Doorwarden$/);
    }
  });

  it('has its sections for each role, and no other', async () => {
    const sections: string[][] = [];
    for (const role of ROLES) {
      const page = await pages.as(role, { path: '/me' });
      await page.getByRole('navigation', { name: 'Sections' }).waitFor();
      sections.push(await page.getByRole('navigation', { name: 'Sections' }).getByRole('link').allTextContents());
      await page.close();
    }
    const [operator, approver, reviewer] = sections;
    expect(operator).toEqual(expect.arrayContaining(['People and keys', 'Settings', 'Administrative record']));
    expect(operator).not.toContain('Recordings');
    expect(approver).toEqual(['Inbox', 'Tasks', 'Policies']);
    expect(reviewer).toEqual(expect.arrayContaining(['Recordings', 'Search', 'Administrative record']));
    expect(reviewer).not.toContain('People and keys');
  });

  it('is for nobody who is not signed in, and agents do not sign in', async () => {
    pages.forgive(/status of 401/);
    const page = await pages.stranger({ path: '/people' });
    await page.waitForURL(/\/auth\/sign-in\?return=%2Fpeople$/);
    await expect(signIn(pages.broker(), 'test-agent')).rejects.toThrow();
  });

  it('tells somebody without the right in a page that everybody can read', async () => {
    const page = await pages.as('approver', { path: '/settings' });
    await page.getByText('This page takes the role operator.').waitFor();
    await shoot(page, 'not-yours');
    await expectAccessible(page);
  });
});
