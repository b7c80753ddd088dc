/** How texts of others are shown to people: part of the contract, since the API and the page write them out alike. */
export { csvLine } from '../../domain/csv-text.js';
export { HIDDEN_IN_LINES, shownJson, shownLine, shownLines } from '../../domain/visible-text.js';
