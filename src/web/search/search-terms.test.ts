import { describe, expect, it } from 'vitest';
import { searchQueryOf, termsOf, withFacet, writtenTerms } from './search-terms.js';

describe('the box of the search', () => {
  it('has words, phrases and facets, in any order', () => {
    const terms = termsOf('coupon table:shop.orders "order by" verdict:held rows:>100 task:"close the day"');
    expect(terms).toEqual({
      text: 'coupon "order by"',
      facets: { table: 'shop.orders', verdict: 'held', rows: '>100', task: 'close the day' },
    });
    expect(searchQueryOf(terms).query).toEqual({
      text: 'coupon "order by"',
      table: 'shop.orders',
      verdict: 'hold',
      rowsMin: 101,
      task: 'close the day',
    });
    expect(termsOf(writtenTerms(terms))).toEqual(terms);
  });

  it('takes what is no facet for words, as statements have them', () => {
    expect(termsOf('note:x http://a/b kind: verdict:"" a:b')).toEqual({
      text: 'note:x http://a/b kind: verdict:"" a:b',
      facets: {},
    });
  });

  it.each([
    ['rows:>=100', { rowsMin: 100 }],
    ['rows:0', { rowsMin: 1 }],
    ['took:>500ms', { durationMinMs: 500 }],
    ['took:1.5s', { durationMinMs: 1_500 }],
    ['took:2min', { durationMinMs: 120_000 }],
    ['agent:bot decision:timed-out', { principal: 'bot', decision: 'timed-out' }],
    ['from:2026-11-29 to:2026-11-30T12:00+02:00', { from: '2026-11-29T00:00:00.000Z', to: '2026-11-30T10:00:00.000Z' }],
    ['from:2026-11-29T12:00', { from: '2026-11-29T12:00:00.000Z' }],
  ])('reads %s', (written, query) => {
    expect(searchQueryOf(termsOf(written))).toEqual({ query, faults: [] });
  });

  it.each([
    ['rows:many', ['rows']],
    ['took:>5h verdict:maybe', ['verdict', 'took']],
    ['from:yesterday to:2026-13-40', ['time']],
    ['grant:1 decision:perhaps', ['decision', 'grant']],
  ])('does not understand %s', (written, faults) => {
    expect(searchQueryOf(termsOf(written)).faults).toEqual(faults);
  });

  it('changes one facet and leaves the others', () => {
    const terms = termsOf('a target:x table:y');
    expect(writtenTerms(withFacet(terms, 'target', ''))).toBe('table:y a');
    expect(writtenTerms(withFacet(terms, 'task', 'two words'))).toBe('target:x table:y task:"two words" a');
  });
});
