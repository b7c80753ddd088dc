import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { GatewayList, GatewayView } from '../../contracts/broker/gateway.js';
import { call } from '../api/call.js';
import { useMay } from '../api/me.js';
import { ActDialog } from '../parts/dialog/act-dialog.js';
import { Badge } from '../parts/said/badge.js';
import { Button } from '../parts/form/button.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Loading } from '../parts/said/loading.js';
import { Shown } from '../parts/said/shown.js';
import { Table } from '../parts/list/table.js';
import { Time, TimeAndAgo } from '../parts/said/time.js';
import { visibleName } from '../parts/said/visible-name.js';
import { texts } from '../texts/en.js';
import { numberText } from '../texts/format.js';
import { SettingsFrame } from './settings-frame.js';

const ASK_AGAIN_MS = 5_000;
const TONES = { running: 'allow', draining: 'hold', lost: 'deny' } as const;

export function GatewaysPage() {
  return (
    <SettingsFrame section={texts.settings.gateways}>
      <Gateways />
    </SettingsFrame>
  );
}

function Gateways() {
  const { data, error, refetch } = useQuery({
    queryKey: ['gateways'],
    queryFn: ({ signal }) => call<GatewayList>('/v1/gateways', { signal }),
    refetchInterval: ASK_AGAIN_MS,
  });
  const [drained, setDrained] = useState<string>();
  const { gateways: words } = texts;
  if (data === undefined) {
    return error === null ? <Loading /> : <FailureNote error={error} onRetry={() => void refetch()} />;
  }
  if (data.items.length === 0) return <p className="soft">{words.none}</p>;
  return (
    <>
      <Table
        caption={words.caption}
        head={[words.name, words.state, words.grants, words.started, words.drain, '']}
        stacks
      >
        {data.items.map((gateway) => (
          <GatewayRow key={gateway.id} gateway={gateway} onDrain={() => setDrained(gateway.name)} />
        ))}
      </Table>
      {drained === undefined ? null : <DrainDialog name={drained} onClose={() => setDrained(undefined)} />}
    </>
  );
}

function GatewayRow({ gateway, onDrain }: { readonly gateway: GatewayView; readonly onDrain: () => void }) {
  const { name, state, grants, startedAt, drain } = gateway;
  const mayDrain = useMay('gateway.drain');
  const { gateways: words } = texts;
  return (
    <tr>
      <th scope="row" data-label={words.name}>
        <Shown text={name} />
      </th>
      <td data-label={words.state}>
        <Badge tone={TONES[state]}>{words.states[state]}</Badge>
      </td>
      <td data-label={words.grants}>{numberText(grants)}</td>
      <td data-label={words.started}>
        <TimeAndAgo at={startedAt} />
      </td>
      <td data-label={words.drain}>
        {drain === null ? null : (
          <span>
            <Shown text={drain.askedBy === null ? words.drainItself : words.drainBy(drain.askedBy)} />
            {drain.until === null ? null : (
              <>
                {' '}
                · {words.drainUntil} <Time at={drain.until} />
              </>
            )}
          </span>
        )}
      </td>
      <td>{mayDrain && state === 'running' ? <Button onClick={onDrain}>{words.act}</Button> : null}</td>
    </tr>
  );
}

function DrainDialog({ name, onClose }: { readonly name: string; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const drain = useMutation({
    mutationFn: () => call(`/v1/gateways/${encodeURIComponent(name)}/drain`, { method: 'POST' }),
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries({ queryKey: ['gateways'] });
    },
  });
  const { gateways: words } = texts;
  return (
    <ActDialog
      title={words.title(visibleName(name))}
      isOpen
      onClose={onClose}
      act={words.act}
      onAct={() => drain.mutate()}
      isPending={drain.isPending}
      error={drain.error}
    >
      <p>{words.text}</p>
    </ActDialog>
  );
}
