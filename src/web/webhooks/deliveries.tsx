import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import type { DeliveryPage, DeliveryView } from '../../contracts/channels/webhook.js';
import { call } from '../api/call.js';
import { Badge } from '../parts/said/badge.js';
import { Button } from '../parts/form/button.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Loading } from '../parts/said/loading.js';
import { Section } from '../parts/section.js';
import { Table } from '../parts/list/table.js';
import { TimeAndAgo } from '../parts/said/time.js';
import { texts } from '../texts/en.js';
import { numberText } from '../texts/format.js';
import { faultText } from '../texts/webhooks.js';
import { asksAgain, webhookPath } from './webhook-query.js';

const ASK_AGAIN_MS = 5_000;
const TONES = { waiting: 'hold', delivered: 'allow', failed: 'deny' } as const;

export interface DeliveriesProps {
  readonly id: string;
  readonly mayResend: boolean;
}

/** What became of the events of a webhook, the newest first. */
export function Deliveries({ id, mayResend }: DeliveriesProps) {
  const list = useInfiniteQuery({
    queryKey: ['deliveries', id],
    queryFn: ({ pageParam, signal }) =>
      call<DeliveryPage>(`${webhookPath(id)}/deliveries`, { query: { cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    refetchInterval: ASK_AGAIN_MS,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const { webhook: words, common } = texts;
  return (
    <Section title={words.deliveries}>
      <p className="soft">{words.deliveriesText}</p>
      {items.length === 0 ? null : (
        <Table
          caption={words.deliveriesCaption}
          head={[words.event, words.at, words.outcome, words.attempts, words.next, '']}
          stacks
        >
          {items.map((delivery) => (
            <DeliveryRow key={delivery.id} webhook={id} delivery={delivery} mayResend={mayResend} />
          ))}
        </Table>
      )}
      {list.isPending ? <Loading /> : null}
      {list.isSuccess && items.length === 0 ? <p className="soft">{words.noDeliveries}</p> : null}
      {list.error === null ? null : <FailureNote error={list.error} onRetry={() => void list.refetch()} />}
      {list.hasNextPage ? (
        <Button disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {list.isFetchingNextPage ? common.working : common.more}
        </Button>
      ) : null}
    </Section>
  );
}

interface DeliveryRowProps {
  readonly webhook: string;
  readonly delivery: DeliveryView;
  readonly mayResend: boolean;
}

function DeliveryRow({ webhook, delivery, mayResend }: DeliveryRowProps) {
  const { id, event, state, attempts, nextAt } = delivery;
  const { webhook: words } = texts;
  const isOver = state !== 'waiting' && event.type !== null;
  return (
    <tr>
      <th scope="row" data-label={words.event}>
        <code>{event.type ?? words.forgotten}</code>
      </th>
      <td data-label={words.at}>{event.at === null ? null : <TimeAndAgo at={event.at} />}</td>
      <td data-label={words.outcome}>
        <DeliveryOutcome delivery={delivery} />
      </td>
      <td data-label={words.attempts}>{numberText(attempts)}</td>
      <td data-label={words.next}>{nextAt === null ? null : <TimeAndAgo at={nextAt} />}</td>
      <td>
        {mayResend && isOver ? (
          <Resend path={`${webhookPath(webhook)}/deliveries/${id}/resend`} type={event.type} />
        ) : null}
      </td>
    </tr>
  );
}

function DeliveryOutcome({ delivery: { state, lastAttempt } }: { readonly delivery: DeliveryView }) {
  const { webhook: words } = texts;
  const why = lastAttempt?.fault ?? null;
  const status = lastAttempt?.status ?? null;
  return (
    <span>
      <Badge tone={TONES[state]}>{words.deliveryStates[state]}</Badge>{' '}
      {why === null ? null : words.failed(faultText(why), status === null ? null : String(status))}
    </span>
  );
}

function Resend({ path, type }: { readonly path: string; readonly type: string | null }) {
  const queries = useQueryClient();
  const resend = useMutation({
    mutationFn: () => call(path, { method: 'POST' }),
    onSuccess: () => asksAgain(queries),
  });
  const { webhook: words } = texts;
  return (
    <>
      <Button onClick={() => resend.mutate()} disabled={resend.isPending} aria-label={words.resendEvent(type ?? '')}>
        {words.resend}
      </Button>
      {resend.error === null ? null : <FailureNote error={resend.error} />}
    </>
  );
}
