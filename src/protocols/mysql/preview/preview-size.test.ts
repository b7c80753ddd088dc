import { expect, it } from 'vitest';
import type { StatementPreview } from '../../sql/statement-preview.js';
import { withinLimit } from './preview-size.js';

const PREVIEW: StatementPreview = {
  takenAtMs: 1,
  tables: [],
  affected: { kind: 'exact', rows: 64 },
  sample: null,
  triggers: [],
  cascades: [],
  locks: null,
};

it('has fewer rows when they are too many to keep', () => {
  const rows = Array.from({ length: 64 }, () => ['x'.repeat(10_000)]);
  const { sample, affected } = withinLimit({ ...PREVIEW, sample: { columns: ['text'], rows } });
  expect(sample?.rows.length).toBe(16);
  expect(affected).toEqual(PREVIEW.affected);
});

it('has no sample rather than one without a row', () => {
  const rows = [['x'.repeat(1_000_000)]];
  expect(withinLimit({ ...PREVIEW, sample: { columns: ['text'], rows } }).sample).toBeNull();
});
