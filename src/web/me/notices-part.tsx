import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { NoticesChange, NoticesView } from '../../contracts/channels/channel.js';
import { call } from '../api/call.js';
import { Choices } from '../parts/form/choices.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Loading } from '../parts/said/loading.js';
import { Section } from '../parts/section.js';
import { Shown } from '../parts/said/shown.js';
import { visibleName } from '../parts/said/visible-name.js';
import { texts } from '../texts/en.js';

const PATH = '/v1/me/notices';

/** What somebody who decides is sent of the questions that wait for them. */
export function NoticesPart() {
  const { data, error, refetch } = useQuery({
    queryKey: ['notices'],
    queryFn: ({ signal }) => call<NoticesView>(PATH, { signal }),
  });
  return (
    <Section title={texts.notices.title}>
      {data === undefined ? (
        error === null ? (
          <Loading />
        ) : (
          <FailureNote error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <EmailChoice notices={data} />
      )}
    </Section>
  );
}

function EmailChoice({ notices }: { readonly notices: NoticesView }) {
  const { email, address, emailConfigured } = notices;
  const queries = useQueryClient();
  const choose = useMutation({
    mutationFn: (change: NoticesChange) => call<NoticesView>(PATH, { method: 'PUT', body: change }),
    onSuccess: (stored) => queries.setQueryData(['notices'], stored),
  });
  // Kept here, since the mutation tells of its beginning a moment later: the box would jump back and forth.
  const [asked, setAsked] = useState<NoticesChange['email']>();
  const { notices: words } = texts;
  const shown = asked ?? email;
  return (
    <div className="choosing">
      <div>
        <Choices
          legend={words.email}
          choices={[{ value: 'digest', label: words.emailOn }]}
          chosen={shown === 'digest' ? ['digest'] : []}
          onChange={(chosen) => {
            const change = { email: chosen.length > 0 ? 'digest' : 'off' } as const;
            setAsked(change.email);
            choose.mutate(change, { onSettled: () => setAsked(undefined) });
          }}
        />
        <p className="field-hint">{words.emailHint}</p>
        <p className="field-hint">
          {emailConfigured === false ? (
            words.notConfigured
          ) : address === null ? (
            words.noAddress
          ) : (
            <Shown text={words.emailTo(visibleName(address))} />
          )}{' '}
          {words.otherWays}
        </p>
        {choose.error === null ? null : <FailureNote error={choose.error} />}
      </div>
    </div>
  );
}
