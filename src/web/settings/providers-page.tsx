import { Link } from '@tanstack/react-router';
import type { IdentityProviderSummary } from '../../contracts/identity/identity-provider.js';
import { useReadList } from '../api/list.js';
import { useMay } from '../api/me.js';
import { ListEnd } from '../parts/list/list-end.js';
import { Shown } from '../parts/said/shown.js';
import { Table } from '../parts/list/table.js';
import { TimeAndAgo } from '../parts/said/time.js';
import { texts } from '../texts/en.js';
import { SettingsFrame } from './settings-frame.js';

export function ProvidersPage() {
  const mayMake = useMay('provider.write');
  const { settings: words } = texts;
  const acts = mayMake ? (
    <>
      <Link className="button plain" to="/settings/new-provider" search={{ kind: 'oidc' }}>
        {words.newOidc}
      </Link>
      <Link className="button plain" to="/settings/new-provider" search={{ kind: 'saml' }}>
        {words.newSaml}
      </Link>
    </>
  ) : null;
  return (
    <SettingsFrame section={words.providers} acts={acts}>
      <Providers />
    </SettingsFrame>
  );
}

function Providers() {
  const list = useReadList<IdentityProviderSummary>(['providers'], '/v1/identity-providers');
  const { settings: words } = texts;
  const head = [words.name, words.kind, words.uses, words.issuer, words.changed];
  return (
    <>
      {list.items.length === 0 ? null : (
        <Table caption={words.providersCaption} head={head} stacks>
          {list.items.map(({ name, kind, for: uses, issuer, changedAt }) => (
            <tr key={name}>
              <th scope="row" data-label={words.name}>
                <Link to="/settings/providers/$name" params={{ name }}>
                  {name}
                </Link>
              </th>
              <td data-label={words.kind}>{words.kinds[kind]}</td>
              <td data-label={words.uses}>{uses.map((use) => words.useNames[use]).join(', ')}</td>
              <td data-label={words.issuer}>
                <Shown text={issuer} />
              </td>
              <td data-label={words.changed}>
                <TimeAndAgo at={changedAt} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      <ListEnd list={list} empty={words.noProviders} />
    </>
  );
}
