import './people.css';
import type { KnownPrincipalView } from '../../contracts/identity/principal.js';
import { Badge } from '../parts/said/badge.js';
import { Shown } from '../parts/said/shown.js';
import { TimeAndAgo } from '../parts/said/time.js';
import { texts } from '../texts/en.js';
import { numberText } from '../texts/format.js';
import { PrincipalLink } from './principal-link.js';

/** One line of the list of principals. */
export function PrincipalRow({ principal }: { readonly principal: KnownPrincipalView }) {
  const { name, displayName, kind, roles, signedInAt, keys, disabledAt, alike } = principal;
  const { people } = texts;
  return (
    <tr>
      <th scope="row" data-label={people.name}>
        <span>
          <PrincipalLink name={name} />
          {displayName === null ? null : (
            <span className="people-second">
              <Shown text={displayName} />
            </span>
          )}
          {alike.length === 0 ? null : <Badge tone="hold">{people.alike}</Badge>}
        </span>
      </th>
      <td data-label={people.kind}>{kind}</td>
      <td data-label={people.roles}>{roles.length === 0 ? texts.common.none : roles.join(', ')}</td>
      <td data-label={people.groups}>
        <Groups principal={principal} />
      </td>
      <td data-label={people.lastSignIn}>
        {signedInAt === null ? <span className="soft">{people.never}</span> : <TimeAndAgo at={signedInAt} />}
      </td>
      <td data-label={people.keys}>{numberText(keys)}</td>
      <td data-label={people.state}>
        {disabledAt === null ? people.enabled : <Badge tone="deny">{people.disabled}</Badge>}
      </td>
    </tr>
  );
}

function Groups({ principal: { groups, mappedGroups, provider } }: { readonly principal: KnownPrincipalView }) {
  if (groups.length + mappedGroups.length === 0) return <span className="soft">{texts.common.none}</span>;
  return (
    <ul className="people-groups">
      {groups.map((group) => (
        <li key={group}>
          <Shown text={group} />
        </li>
      ))}
      {mappedGroups.map((group) => (
        <li key={`mapped ${group}`}>
          <Shown text={group} />{' '}
          <span className="soft">{texts.people.fromProviderShort(provider ?? texts.common.unknown)}</span>
        </li>
      ))}
    </ul>
  );
}
