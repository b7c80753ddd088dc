import './difference-view.css';
import { shownLine } from '../../../contracts/shown/shown-text.js';
import { texts } from '../../texts/en.js';
import { lineDifference, type DifferenceLine } from './line-difference.js';

/** Lines around a change that are shown too. */
const AROUND = 3;
const SIGNS = { same: ' ', added: '+', removed: '−' } as const;

export interface DifferenceViewProps {
  readonly label: string;
  readonly before: string;
  readonly after: string;
}

/** What changes from one text to the other; runs of lines that stay are told by their number. */
export function DifferenceView({ label, before, after }: DifferenceViewProps) {
  const lines = shortened(lineDifference(before, after));
  return (
    // A box that scrolls must be reachable by keys.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section className="difference" aria-label={label} tabIndex={0}>
      <ol>
        {lines.map((line, place) =>
          typeof line === 'number' ? (
            <li key={place} className="difference-gap">
              {texts.policyPanels.unchangedLines(line)}
            </li>
          ) : (
            <li key={place} className={`difference-line ${line.kind}`}>
              <span aria-hidden>{SIGNS[line.kind]}</span>
              {line.kind === 'same' ? null : <span className="hidden-visually">{texts.policyPanels[line.kind]}</span>}
              <code>{shownLine(line.text)}</code>
            </li>
          ),
        )}
      </ol>
    </section>
  );
}

/** Lines far from any change become their number. */
function shortened(lines: readonly DifferenceLine[]): readonly (DifferenceLine | number)[] {
  const isNear = lines.map((_, index) =>
    lines.slice(Math.max(0, index - AROUND), index + AROUND + 1).some(({ kind }) => kind !== 'same'),
  );
  const found: (DifferenceLine | number)[] = [];
  for (const [index, line] of lines.entries()) {
    const last = found.at(-1);
    if (isNear[index] === true) found.push(line);
    else if (typeof last === 'number') found[found.length - 1] = last + 1;
    else found.push(1);
  }
  return found;
}
