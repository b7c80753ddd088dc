import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ChannelList, ChannelView } from '../../contracts/channels/channel.js';
import { call } from '../api/call.js';
import { useMay } from '../api/me.js';
import { Badge } from '../parts/said/badge.js';
import { Button } from '../parts/form/button.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Loading } from '../parts/said/loading.js';
import { Shown } from '../parts/said/shown.js';
import { Table } from '../parts/list/table.js';
import { TimeAndAgo } from '../parts/said/time.js';
import { visibleName } from '../parts/said/visible-name.js';
import { texts } from '../texts/en.js';
import { numberText } from '../texts/format.js';
import { SettingsFrame } from './settings-frame.js';
import './settings.css';

const ASK_AGAIN_MS = 5_000;
/** While a test is under way. */
const ASK_SOON_MS = 1_000;
const TONES = { good: 'allow', failing: 'deny', quiet: 'plain' } as const;

export function ChannelsPage() {
  return (
    <SettingsFrame section={texts.channels.section}>
      <Channels />
    </SettingsFrame>
  );
}

/** How people and programs are reached, and whether it works. */
function Channels() {
  const { data, error, refetch } = useQuery({
    queryKey: ['channels'],
    queryFn: ({ signal }) => call<ChannelList>('/v1/channels', { signal }),
    refetchInterval: ({ state }) => (state.data?.items.some(isTested) === true ? ASK_SOON_MS : ASK_AGAIN_MS),
  });
  const { channels: words } = texts;
  if (data === undefined) {
    return error === null ? <Loading /> : <FailureNote error={error} onRetry={() => void refetch()} />;
  }
  return (
    <>
      <p className="soft">{words.text}</p>
      {data.items.length === 0 ? (
        <p className="soft">{words.none}</p>
      ) : (
        <Table
          caption={words.caption}
          head={[words.name, words.state, words.health, words.sent, words.failed, words.waiting, words.test]}
          stacks
        >
          {data.items.map((channel) => (
            <ChannelRow key={channel.name} channel={channel} />
          ))}
        </Table>
      )}
    </>
  );
}

function isTested({ test, configured }: ChannelView): boolean {
  return test !== null && test.doneAt === null && configured === true;
}

function nameOf(name: string): string {
  return texts.channels.names[name] ?? visibleName(name);
}

function ChannelRow({ channel }: { readonly channel: ChannelView }) {
  const { name, configured, health, lastSentAt, lastFailedAt, lastFailure, waiting } = channel;
  const { channels: words } = texts;
  return (
    <tr>
      <th scope="row" data-label={words.name}>
        <Shown text={nameOf(name)} />
      </th>
      <td data-label={words.state}>
        {configured === null ? words.states.unknown : configured ? words.states.on : words.states.off}
      </td>
      <td data-label={words.health}>
        {configured === true ? <Badge tone={TONES[health]}>{words.healths[health]}</Badge> : null}
      </td>
      <td data-label={words.sent}>{lastSentAt === null ? words.never : <TimeAndAgo at={lastSentAt} />}</td>
      <td data-label={words.failed}>
        <div>
          {lastFailedAt === null ? words.never : <TimeAndAgo at={lastFailedAt} />}
          {lastFailure === null ? null : <Shown text={lastFailure} className="channel-failure" />}
        </div>
      </td>
      <td data-label={words.waiting}>{numberText(waiting)}</td>
      <td data-label={words.test}>
        <ChannelTest channel={channel} />
      </td>
    </tr>
  );
}

function ChannelTest({ channel }: { readonly channel: ChannelView }) {
  const { name, testable, test } = channel;
  const queries = useQueryClient();
  const mayTest = useMay('channel.test');
  const ask = useMutation({
    mutationFn: () => call<ChannelView>(`/v1/channels/${encodeURIComponent(name)}/test`, { method: 'POST' }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['channels'] }),
  });
  const { channels: words } = texts;
  return (
    <div>
      {mayTest && testable ? (
        <Button
          onClick={() => ask.mutate()}
          disabled={ask.isPending || isTested(channel)}
          aria-label={words.testLabel(nameOf(name))}
        >
          {words.test}
        </Button>
      ) : null}
      <span role="status" className="channel-test">
        {test === null ? null : <LastTest test={test} />}
      </span>
      {ask.error === null ? null : <FailureNote error={ask.error} />}
    </div>
  );
}

function LastTest({ test }: { readonly test: NonNullable<ChannelView['test']> }) {
  const { askedBy, askedAt, doneAt, failure } = test;
  const { channels: words } = texts;
  return (
    <>
      <strong>{doneAt === null ? words.testPending : failure === null ? words.testSent : words.testFailed}</strong>{' '}
      {failure === null ? null : <Shown text={failure} className="channel-failure" />}{' '}
      <span className="soft">
        <TimeAndAgo at={askedAt} /> <Shown text={words.testAsked(visibleName(askedBy))} />
      </span>
    </>
  );
}
