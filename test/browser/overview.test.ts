import { expect, it, beforeAll, afterAll } from 'vitest';
import { lowestIdAt, newGrantId } from '../../src/domain/ids.js';
import { createStateSource, type StateSource } from '../../src/persistence/state/data-source.js';
import { insertActiveGrant } from '../support/approval-state.js';
import { placeStatements, type PlacedStatement } from '../support/indexed-statements.js';
import { placeQuestion } from '../support/placed-questions.js';
import { expectAccessible } from './support/accessible.js';
import { usePages } from './support/pages.js';
import { shoot } from './support/shots.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const pages = usePages({ gateways: 0 });
const HOSTILE = 'shop\u202E<b>';
const PLOTS = [
  'Statements per hour',
  'Time from asked to decided',
  'Questions that are open now',
  'Rows changed per day',
  'Tasks per day',
];
let source: StateSource;

beforeAll(async () => {
  source = await createStateSource(pages.broker().stateDatabaseUrl).initialize();
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  await placeStatements(source, { target: 'shop' }, statementsOfAWeek(today));
  await placeStatements(source, { target: HOSTILE }, [
    { at: new Date(today).toISOString(), kind: 'insert', changed: 3 },
  ]);
  for (let day = 0; day < 7; day += 1) {
    for (let number = 0; number < 6; number += 1) {
      const askedAtMs = today - day * DAY_MS + number * HOUR_MS - 5 * HOUR_MS;
      const settledAtMs = askedAtMs + (number + 1) * 40_000 * (day + 1);
      const state = number === 5 ? 'timed-out' : number === 4 ? 'denied' : 'approved';
      await placeQuestion(source, { askedAtMs, settledAtMs, state, groups: number % 2 === 0 ? ['dba'] : [] });
      await closedTask(
        askedAtMs,
        (['completed', 'completed', 'expired', 'revoked', 'failed', 'drained'] as const)[number],
      );
    }
  }
  for (const minutes of [0, 0, 4, 30, 200]) {
    await placeQuestion(source, {
      askedAtMs: Date.now() - minutes * 60_000,
      settledAtMs: null,
      state: 'pending',
      groups: [],
    });
  }
});
afterAll(() => source?.destroy());

function statementsOfAWeek(today: number): readonly PlacedStatement[] {
  return Array.from({ length: 1_400 }, (_, index) => {
    const isWrite = index % 6 === 0;
    return {
      at: new Date(today - (index % 7) * DAY_MS + ((index * 37) % 20) * HOUR_MS - 2 * HOUR_MS).toISOString(),
      kind: isWrite ? (['update', 'insert', 'delete'][(index / 6) % 3] ?? 'update') : 'select',
      verdict: index % 40 === 0 ? 'deny' : isWrite ? 'hold' : 'allow',
      changed: isWrite ? 10 ** (index % 5) : null,
      decision: isWrite ? 'approved' : null,
      error: index % 420 === 0 ? { code: '1105', state: 'HY000' } : null,
    } as const;
  });
}

async function closedTask(closingAtMs: number, closeReason = 'completed'): Promise<void> {
  const id = lowestIdAt(closingAtMs - HOUR_MS).slice(0, 10) + newGrantId().slice(10);
  await insertActiveGrant(source, { id, state: 'sealed', closeReason, closingAtMs });
}

it('shows five plots, each with its numbers as a table and the way to its list', async () => {
  const page = await pages.as('reviewer', { path: '/overview' });
  for (const name of PLOTS) {
    const section = page.getByRole('region', { name, exact: true });
    await section.getByRole('img').locator('canvas').waitFor(); // drawn after its place is there; one alone, or this fails
    await section.getByText('The same as a table').click();
    const rows = await section.getByRole('row').count();
    expect(rows, name).toBeGreaterThan(2);
    expect(await section.getByRole('link').count(), name).toBeGreaterThan(0);
  }
  const statements = page.getByRole('region', { name: PLOTS[0] ?? '', exact: true });
  await expect(statements.getByRole('img').getAttribute('aria-label')).resolves.toMatch(
    /^Statements per hour: [\d,]+ allowed, [\d,]+ held, [\d,]+ denied in all\.$/,
  );
  expect(await statements.getByText('⟨U+202E⟩', { exact: false }).count()).toBeGreaterThan(0);
  await statements.getByRole('link', { name: 'Search those held' }).click();
  await page.waitForURL((url) => /^from:\d{4}-\d\d-\d\d verdict:hold$/.test(url.searchParams.get('q') ?? ''));
});

it('draws something on every canvas, in light and dark', async () => {
  const page = await pages.as('operator', { path: '/overview' });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const name of PLOTS) {
      const section = page.getByRole('region', { name, exact: true });
      await section.getByRole('img').locator('canvas').waitFor();
      const colours = `(() => {
        const canvas = [...document.querySelectorAll('.plot-section')]
          .find((section) => section.querySelector('h2').textContent === ${JSON.stringify(name)}).querySelector('.plot canvas');
        const bytes = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        const found = new Set();
        for (let at = 0; at < bytes.length; at += 4) if (bytes[at + 3] === 255) found.add(bytes.slice(at, at + 3).join());
        return found.size;
      })()`;
      await expect.poll(() => page.evaluate(colours), { message: `${name}, ${colorScheme}` }).toBeGreaterThan(3);
    }
  }
});

it('is of one target, or of other days, as the person chooses', async () => {
  const page = await pages.as('operator', { path: '/overview' });
  await page
    .getByRole('region', { name: PLOTS[0] ?? '', exact: true })
    .getByRole('img')
    .waitFor();
  const asked = page.waitForRequest((request) => request.url().includes('/v1/statistics'));
  await page.getByLabel('Days').selectOption({ label: 'The last 31 days' });
  const first = new URL((await asked).url()).searchParams.get('from') ?? '';
  expect((Date.now() - Date.parse(first)) / DAY_MS).toBeGreaterThan(30);
  await page.getByLabel('Group').selectOption({ label: 'dba' });
  const decisions = page.getByRole('region', { name: PLOTS[1] ?? '', exact: true });
  await expect.poll(() => decisions.getByRole('img').getAttribute('aria-label')).toContain('21 questions');
});

it('says which role it takes to those who may not see it', async () => {
  const page = await pages.as('approver', { path: '/overview' });
  await page.getByText('This page takes the role operator or reviewer.').waitFor();
});

it('says that there is nothing where there is nothing, and what went wrong', async () => {
  const page = await pages.as('reviewer', { path: '/overview' });
  pages.forgive(/503/);
  await page.route('**/v1/statistics*', (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      body: JSON.stringify({
        type: 'about:blank',
        status: 503,
        code: 'state_unavailable',
        title: 'The state database does not answer.',
        next: 'Try again in a moment.',
        requestId: 'r1',
      }),
    }),
  );
  await page.getByLabel('Days').selectOption({ label: 'The last day' });
  await page.getByText('The state database does not answer.').waitFor();
  await page.unroute('**/v1/statistics*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect.poll(() => page.getByText('The state database does not answer.').count()).toBe(0);
});

it('is readable by everybody', async () => {
  const page = await pages.as('reviewer', { path: '/overview' });
  await page
    .getByRole('region', { name: PLOTS[4] ?? '', exact: true })
    .getByRole('img')
    .waitFor();
  await shoot(page, 'overview', { whole: true });
  await page.getByText('The same as a table').nth(3).click();
  await expectAccessible(page);
}, 90_000);
