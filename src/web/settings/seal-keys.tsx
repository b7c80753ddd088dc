import { useQuery } from '@tanstack/react-query';
import type { KeySetView } from '../../contracts/recordings/key.js';
import { call } from '../api/call.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Loading } from '../parts/said/loading.js';
import { Section } from '../parts/section.js';
import { Table } from '../parts/list/table.js';
import { texts } from '../texts/en.js';
import './settings.css';

/** The public keys of seals. */
export function SealKeys() {
  const { data, error } = useQuery({
    queryKey: ['seal-keys'],
    queryFn: ({ signal }) => call<KeySetView>('/v1/keys', { signal }),
  });
  const { broker: words } = texts;
  return (
    <Section title={words.sealKeys}>
      <p className="soft">{words.sealKeysText}</p>
      {error === null ? null : <FailureNote error={error} />}
      {data === undefined && error === null ? <Loading /> : null}
      {data?.keys.length === 0 ? <p className="soft">{words.noSealKeys}</p> : null}
      {data === undefined || data.keys.length === 0 ? null : (
        <Table caption={words.sealKeysCaption} head={[words.keyId, words.keyKind, words.publicKey]} stacks>
          {data.keys.map(({ kid, crv, x }) => (
            <tr key={kid}>
              <th scope="row" data-label={words.keyId}>
                <code>{kid}</code>
              </th>
              <td data-label={words.keyKind}>{crv}</td>
              <td data-label={words.publicKey}>
                <code>{x}</code>
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Section>
  );
}
