import { numberText } from '../../contracts/shown/number-text.js';
import type { SearchedView, StatementSearchQuery } from '../../contracts/recordings/statement.js';
import { INDEXED_TEXT_MAX, INDEXED_VALUES_MAX } from '../../persistence/statements/indexed-statement.js';
import { TASKS_MAX } from '../../persistence/statements/statement-facets.js';
import type { FoundPage } from '../../persistence/statements/statement-search.repository.js';
import { timeOfUs } from './statement-view.js';

interface Asked {
  readonly query: Pick<StatementSearchQuery, 'from' | 'to'>;
  readonly hasWords: boolean;
  /** Sealed recordings that are not in the index. */
  readonly missing: number;
}

const TEXTS = { all: 'all', forms: 'fingerprints', nothing: 'window' } as const;

/** What a search looked at, and in sentences what it did not. */
export function searchedOf(page: FoundPage, { query, hasWords, missing }: Asked): SearchedView {
  const { backToUs, texts, textsFromUs } = page;
  return {
    from: backToUs === undefined ? (query.from ?? null) : timeOfUs(backToUs),
    to: query.to ?? null,
    texts: TEXTS[texts],
    textsFrom: textsFromUs === null ? null : timeOfUs(textsFromUs),
    notSearched: [
      ...olderTexts(page),
      ...(page.isPartial
        ? [`More than ${TASKS_MAX} tasks have these words; only the newest ${TASKS_MAX} were searched.`]
        : []),
      ...(hasWords ? OF_WORDS : []),
      ...(missing === 0 ? [] : [missingText(missing)]),
    ],
  };
}

/** What is said of every search for words. */
const OF_WORDS: readonly string[] = [
  'The rows that statements gave back are not in the index.',
  `Of a statement longer than ${numberText(INDEXED_TEXT_MAX)} characters the rest was not searched, nor of values longer than ${numberText(INDEXED_VALUES_MAX)}.`,
];

function olderTexts({ texts, textsFromUs }: FoundPage): readonly string[] {
  if (textsFromUs === null) return [];
  const time = timeOfUs(textsFromUs);
  if (texts === 'forms')
    return [
      `Of statements before ${time} only the wording was searched, not the values in it. To search these too, say to=${time}, or add a facet.`,
    ];
  return [
    `Statements before ${time} were not searched: too many differ in their wording and have these words. Say to=${time}, or add a facet.`,
  ];
}

function missingText(missing: number): string {
  return missing === 1
    ? '1 sealed recording is not in the index yet, or could not be read.'
    : `${numberText(missing)} sealed recordings are not in the index yet, or could not be read.`;
}
