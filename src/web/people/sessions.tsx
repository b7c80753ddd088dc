import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { SessionView } from '../../contracts/sign-in/session.js';
import { call } from '../api/call.js';
import { useReadList } from '../api/list.js';
import { ActDialog } from '../parts/dialog/act-dialog.js';
import { Badge } from '../parts/said/badge.js';
import { Button } from '../parts/form/button.js';
import { ListEnd } from '../parts/list/list-end.js';
import { Section } from '../parts/section.js';
import { Shown } from '../parts/said/shown.js';
import { Table } from '../parts/list/table.js';
import { Time, TimeAndAgo } from '../parts/said/time.js';
import { visibleName } from '../parts/said/visible-name.js';
import { signedOutAddress } from '../shell/sign-out.js';
import { texts } from '../texts/en.js';
import { browserName } from './browser-name.js';

export interface SessionsProps {
  readonly title: string;
  /** Where the API has them, such as `/v1/me/sessions`. */
  readonly path: string;
  readonly mayEnd: boolean;
  /** Whether they are those of the one who looks: ending all signs this browser out. */
  readonly areOwn?: boolean;
}

type Asked =
  | { readonly what: 'one'; readonly id: string; readonly isCurrent: boolean }
  | { readonly what: 'all' | 'others' };

/** Where somebody is signed in; each can be ended, or all. */
export function Sessions({ title, path, mayEnd, areOwn = false }: SessionsProps) {
  const list = useReadList<SessionView>(['sessions', path], path);
  const [asked, setAsked] = useState<Asked>();
  const { sessions: words } = texts;
  const head = [words.address, words.browser, words.by, words.since, words.idle, words.ends, ...(mayEnd ? [''] : [])];
  const acts =
    mayEnd && list.items.length > 0 ? (
      <>
        {areOwn ? <Button onClick={() => setAsked({ what: 'others' })}>{words.endOthers}</Button> : null}
        <Button onClick={() => setAsked({ what: 'all' })}>{areOwn ? words.endEverywhere : words.endAll}</Button>
      </>
    ) : null;
  return (
    <Section title={title} acts={acts}>
      {list.items.length === 0 ? null : (
        <Table caption={words.caption} head={head} stacks>
          {list.items.map((session) => (
            <SessionRow
              key={session.id}
              session={session}
              onEnd={mayEnd ? () => setAsked({ what: 'one', id: session.id, isCurrent: session.current }) : undefined}
            />
          ))}
        </Table>
      )}
      <ListEnd list={list} empty={words.none} />
      {asked === undefined ? null : (
        <EndDialog asked={asked} path={path} areOwn={areOwn} onClose={() => setAsked(undefined)} />
      )}
    </Section>
  );
}

function SessionRow({ session, onEnd }: { readonly session: SessionView; readonly onEnd: (() => void) | undefined }) {
  const { address, userAgent, device, provider, signedInAt, lastSeenAt, endsAt, current } = session;
  const { sessions: words } = texts;
  return (
    <tr>
      <th scope="row" data-label={words.address}>
        <span>
          <Shown text={address} /> {current ? <Badge tone="act">{words.current}</Badge> : null}
        </span>
      </th>
      <td data-label={words.browser}>
        <span title={visibleName(userAgent)}>
          <Shown text={device === null ? browserName(userAgent) : words.commandLine(device.machine)} />
        </span>
      </td>
      <td data-label={words.by}>{provider ?? words.link}</td>
      <td data-label={words.since}>
        <Time at={signedInAt} />
      </td>
      <td data-label={words.idle}>
        <TimeAndAgo at={lastSeenAt} />
      </td>
      <td data-label={words.ends}>
        <Time at={endsAt} />
      </td>
      {onEnd === undefined ? null : (
        <td>
          <Button onClick={onEnd}>{words.end}</Button>
        </td>
      )}
    </tr>
  );
}

function EndDialog({
  asked,
  path,
  areOwn,
  onClose,
}: {
  readonly asked: Asked;
  readonly path: string;
  readonly areOwn: boolean;
  readonly onClose: () => void;
}) {
  const queries = useQueryClient();
  const endsThis = areOwn && (asked.what === 'all' || (asked.what === 'one' && asked.isCurrent));
  const end = useMutation({
    mutationFn: () =>
      call(asked.what === 'one' ? `${path}/${asked.id}` : path, {
        method: 'DELETE',
        query: asked.what === 'others' ? { keepCurrent: 'true' } : {},
      }),
    onSuccess: async () => {
      if (endsThis) return location.replace(signedOutAddress(asked.what === 'all' ? 'everywhere' : 'here'));
      onClose();
      return queries.invalidateQueries({ queryKey: ['sessions'] });
    },
  });
  const { sessions: words } = texts;
  const own = areOwn && asked.what === 'all';
  const title = asked.what === 'one' ? words.endOneTitle : own ? words.endEverywhere : words.endAllTitle;
  const act = asked.what === 'one' ? words.end : asked.what === 'others' ? words.endOthers : words.endAll;
  return (
    <ActDialog
      title={asked.what === 'others' ? words.endOthers : title}
      isOpen
      onClose={onClose}
      act={own ? words.endEverywhere : act}
      onAct={() => end.mutate()}
      isPending={end.isPending}
      error={end.error}
    >
      <p>{asked.what === 'one' ? words.endOneText : own ? words.endEverywhereText : words.endAllText}</p>
    </ActDialog>
  );
}
