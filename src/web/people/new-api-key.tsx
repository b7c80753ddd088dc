import './people.css';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiKeyRequest, NewApiKeyView } from '../../contracts/identity/principal.js';
import { call } from '../api/call.js';
import { isRefusal } from '../api/failure.js';
import { ActDialog } from '../parts/dialog/act-dialog.js';
import { Button } from '../parts/form/button.js';
import { CopyButton } from '../parts/form/copy-button.js';
import { Dialog } from '../parts/dialog/dialog.js';
import { Note } from '../parts/said/note.js';
import { visibleName } from '../parts/said/visible-name.js';
import { texts } from '../texts/en.js';
import { KeyFields, type KeyDraft, keyRequestOf, newKeyDraft } from './key-fields.js';

export interface NewApiKeyProps {
  readonly owner: string;
  readonly request: string | undefined;
  readonly onClose: () => void;
}

/** Makes a key and shows it once, or says that a second operator has to make it. */
export function NewApiKey({ owner, request, onClose }: NewApiKeyProps) {
  const [draft, setDraft] = useState<KeyDraft>(() => newKeyDraft(request));
  const queries = useQueryClient();
  const make = useMutation({
    mutationFn: (body: ApiKeyRequest) =>
      call<NewApiKeyView>(`/v1/principals/${encodeURIComponent(owner)}/keys`, { method: 'POST', body }),
    gcTime: 0, // the key stays nowhere
    onSuccess: () =>
      Promise.all([['keys'], ['principal'], ['principals']].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
  const { apiKeys: words } = texts;
  if (make.data !== undefined) return <ShownOnce owner={owner} apiKey={make.data.key} onClose={onClose} />;
  const needed = isRefusal(make.error, 'key_needs_second_operator') ? make.error.problem['request'] : undefined;
  return (
    <ActDialog
      title={words.makeTitle(visibleName(owner))}
      isOpen
      onClose={onClose}
      act={words.makeAct}
      onAct={() => make.mutate(keyRequestOf(draft))}
      isPending={make.isPending}
      error={typeof needed === 'string' ? undefined : make.error}
      isReady={needed === undefined && (draft.width === 'all' || draft.scope.length > 0)}
    >
      <KeyFields draft={draft} onChange={setDraft} error={make.error} />
      {typeof needed === 'string' ? <SecondOperator owner={owner} request={needed} /> : null}
    </ActDialog>
  );
}

/** The only time that the key is shown: only its own button closes it. */
function ShownOnce({
  owner,
  apiKey,
  onClose,
}: {
  readonly owner: string;
  readonly apiKey: string;
  readonly onClose: () => void;
}) {
  const { apiKeys: words } = texts;
  return (
    <Dialog title={words.makeTitle(visibleName(owner))} isOpen onClose={onClose} isDismissable={false}>
      <Note tone="hold" role="status">
        <p>{words.once}</p>
      </Note>
      <code className="new-key">{apiKey}</code>
      <CopyButton text={apiKey} label={words.copy} />
      <div className="dialog-acts">
        <Button look="main" onClick={onClose}>
          {words.kept}
        </Button>
      </div>
    </Dialog>
  );
}

function SecondOperator({ owner, request }: { readonly owner: string; readonly request: string }) {
  const address = `${location.origin}/people/${encodeURIComponent(owner)}?request=${request}`;
  const { apiKeys: words } = texts;
  return (
    <Note tone="hold" role="status">
      <p>
        <strong>{words.asked}</strong>
      </p>
      <p>{words.askedNext}</p>
      <code className="new-key">{address}</code>
      <CopyButton text={address} label={words.askedAddress} />
    </Note>
  );
}
