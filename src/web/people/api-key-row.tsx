import type { ApiKeyView } from '../../contracts/identity/principal.js';
import { Badge } from '../parts/said/badge.js';
import { Button } from '../parts/form/button.js';
import { Shown } from '../parts/said/shown.js';
import { Time, TimeAndAgo, useNow } from '../parts/said/time.js';
import { texts } from '../texts/en.js';

export interface ApiKeyRowProps {
  readonly apiKey: ApiKeyView;
  readonly onRevoke: (() => void) | undefined;
}

/** One line of a list of keys; never the key itself. */
export function ApiKeyRow({ apiKey, onRevoke }: ApiKeyRowProps) {
  const { id, label, createdAt, madeBy, lastUsedAt, expiresAt, scope, revokedAt } = apiKey;
  const { apiKeys: words } = texts;
  return (
    <tr>
      <th scope="row" data-label={words.id}>
        <code className="key-id">{id}</code>
      </th>
      <td data-label={words.label}>
        {label === null ? <span className="soft">{texts.common.none}</span> : <Shown text={label} />}
      </td>
      <td data-label={words.made}>
        <span>
          <Time at={createdAt} />{' '}
          <span className="soft">{madeBy === null ? words.commandLine : <Shown text={words.madeBy(madeBy)} />}</span>
        </span>
      </td>
      <td data-label={words.lastUsed}>{lastUsedAt === null ? words.unused : <TimeAndAgo at={lastUsedAt} />}</td>
      <td data-label={words.expires}>{expiresAt === null ? words.expiresNever : <TimeAndAgo at={expiresAt} />}</td>
      <td data-label={words.scope}>
        {scope === null ? (
          words.scopeAll
        ) : (
          <ul className="people-groups">
            {scope.map((permission) => (
              <li key={permission}>
                <code title={texts.roles.permission(permission)}>{permission}</code>
              </li>
            ))}
          </ul>
        )}
      </td>
      <td data-label={words.state}>
        <KeyState apiKey={apiKey} />
      </td>
      {onRevoke === undefined ? null : (
        <td>{revokedAt === null ? <Button onClick={onRevoke}>{words.revoke}</Button> : null}</td>
      )}
    </tr>
  );
}

function KeyState({ apiKey: { revokedAt, revokedBy, expiresAt } }: { readonly apiKey: ApiKeyView }) {
  const now = useNow(10_000);
  const { apiKeys: words } = texts;
  if (revokedAt !== null) {
    return (
      <span>
        <Badge tone="deny">{words.revoked}</Badge> <Time at={revokedAt} />{' '}
        {revokedBy === null ? null : (
          <span className="soft">
            <Shown text={words.revokedBy(revokedBy)} />
          </span>
        )}
      </span>
    );
  }
  if (expiresAt !== null && Date.parse(expiresAt) <= now) return <Badge>{words.expired}</Badge>;
  return <Badge tone="allow">{words.works}</Badge>;
}
