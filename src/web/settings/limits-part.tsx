import type { LimitView } from '../../contracts/broker/setting.js';
import { Section } from '../parts/section.js';
import { Table } from '../parts/list/table.js';
import { texts } from '../texts/en.js';
import { numberText, spanText } from '../texts/format.js';
import './settings.css';

/** How often what may be done. */
export function LimitsPart({ limits }: { readonly limits: readonly LimitView[] }) {
  const { broker: words } = texts;
  return (
    <Section title={words.limits}>
      <Table caption={words.limitsCaption} head={[words.what, words.most, words.shared, words.setting]} stacks>
        {limits.map(({ name, what, units, seconds, setting, isShared }) => (
          <tr key={name}>
            <th scope="row" data-label={words.what}>
              {what}
            </th>
            <td data-label={words.most}>
              {units === null ? words.unlimited : words.within(numberText(units), spanText(seconds * 1_000))}
            </td>
            <td data-label={words.shared}>{isShared ? words.sharedAll : words.sharedOne}</td>
            <td data-label={words.setting}>
              <code>{setting}</code>
            </td>
          </tr>
        ))}
      </Table>
    </Section>
  );
}
