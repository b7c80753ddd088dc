import type { IdentityList } from '../../contracts/identity/principal.js';
import { useReadList } from '../api/list.js';
import { ListEnd } from '../parts/list/list-end.js';
import { Section } from '../parts/section.js';
import { Shown } from '../parts/said/shown.js';
import { Table } from '../parts/list/table.js';
import { Time, TimeAndAgo } from '../parts/said/time.js';
import { texts } from '../texts/en.js';

/** Who a principal is at its identity providers. */
export function IdentitiesPart({ name }: { readonly name: string }) {
  const list = useReadList<IdentityList['items'][number]>(
    ['identities', name],
    `/v1/principals/${encodeURIComponent(name)}/identities`,
  );
  const { principal: words, people } = texts;
  const head = [people.provider, words.issuer, words.subject, words.email, words.firstSeen, words.lastSeen];
  return (
    <Section title={words.identities}>
      {list.items.length === 0 ? null : (
        <Table caption={words.identitiesCaption} head={head} stacks>
          {list.items.map(({ provider, issuer, subject, email, firstSeenAt, lastSeenAt }) => (
            <tr key={`${issuer} ${subject}`}>
              <th scope="row" data-label={people.provider}>
                {provider}
              </th>
              <td data-label={words.issuer}>
                <Shown text={issuer} />
              </td>
              <td data-label={words.subject}>
                <Shown text={subject} />
              </td>
              <td data-label={words.email}>{email === null ? texts.common.none : <Shown text={email} />}</td>
              <td data-label={words.firstSeen}>
                <Time at={firstSeenAt} />
              </td>
              <td data-label={words.lastSeen}>
                <TimeAndAgo at={lastSeenAt} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      <ListEnd list={list} empty={words.noIdentities} />
    </Section>
  );
}
