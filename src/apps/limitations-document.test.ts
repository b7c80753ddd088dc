import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const DOCUMENT = readFileSync(new URL('../../docs/limitations.md', import.meta.url), 'utf8');
const SEVERITIES = ['high', 'medium', 'low'];
const [, ...PARTS] = DOCUMENT.split(/^## /m);

it('docs/limitations.md has parts with limitations in each', () => {
  expect(PARTS.length).toBeGreaterThan(3);
  for (const part of PARTS) expect(part).toMatch(/^- \*\*/m);
});

it.each(PARTS.map((part) => [part.split('\n', 1).join(''), part]))(
  '%s: every limitation has a severity, and the gravest come first',
  (_title, part) => {
    const bullets = part.match(/^- .*/gm) ?? [];
    const ranks = bullets.map((bullet) => SEVERITIES.indexOf(/^- \*\*(\w+)\*\* [A-Z`.]/.exec(bullet)?.[1] ?? ''));
    expect(bullets.filter((_, index) => ranks[index] === -1)).toEqual([]);
    expect(ranks).toEqual([...ranks].sort((one, other) => one - other));
  },
);
