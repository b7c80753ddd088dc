import { useState } from 'react';
import type { ApiKeyView } from '../../contracts/identity/principal.js';
import { useReadList } from '../api/list.js';
import { Button } from '../parts/form/button.js';
import { ListEnd } from '../parts/list/list-end.js';
import { Section } from '../parts/section.js';
import { Table } from '../parts/list/table.js';
import { texts } from '../texts/en.js';
import { ApiKeyRow } from './api-key-row.js';
import { NewApiKey } from './new-api-key.js';
import { RevokeApiKey } from './revoke-api-key.js';

export interface ApiKeysProps {
  readonly title: string;
  /** The name of the principal whose keys they are. */
  readonly owner: string;
  /** Where the API has them, such as `/v1/me/keys`. */
  readonly path: string;
  readonly mayMake: boolean;
  readonly mayRevoke: boolean;
  /** Another operator's request for a key of this principal, when that has led here. */
  readonly request?: string | undefined;
  /** What stands above the list. */
  readonly hint?: string;
}

/** The API keys of a principal: they are made here, shown once, and revoked. */
export function ApiKeys({ title, owner, path, mayMake, mayRevoke, request, hint }: ApiKeysProps) {
  const list = useReadList<ApiKeyView>(['keys', path], path);
  const [isMaking, setMaking] = useState(request !== undefined && mayMake);
  const [revoked, setRevoked] = useState<string>();
  const { apiKeys: words } = texts;
  const head = [words.id, words.label, words.made, words.lastUsed, words.expires, words.scope, words.state];
  return (
    <Section title={title} acts={mayMake ? <Button onClick={() => setMaking(true)}>{words.make}</Button> : null}>
      {hint === undefined ? null : <p className="soft">{hint}</p>}
      {list.items.length === 0 ? null : (
        <Table caption={words.caption} head={mayRevoke ? [...head, ''] : head} stacks>
          {list.items.map((key) => (
            <ApiKeyRow key={key.id} apiKey={key} onRevoke={mayRevoke ? () => setRevoked(key.id) : undefined} />
          ))}
        </Table>
      )}
      <ListEnd list={list} empty={words.none} />
      {isMaking ? <NewApiKey owner={owner} request={request} onClose={() => setMaking(false)} /> : null}
      {revoked === undefined ? null : <RevokeApiKey path={path} id={revoked} onClose={() => setRevoked(undefined)} />}
    </Section>
  );
}
