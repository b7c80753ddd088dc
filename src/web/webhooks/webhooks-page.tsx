import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { WebhookView } from '../../contracts/channels/webhook.js';
import { useMay } from '../api/me.js';
import { Badge } from '../parts/said/badge.js';
import { Button } from '../parts/form/button.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Loading } from '../parts/said/loading.js';
import { Shown } from '../parts/said/shown.js';
import { Table } from '../parts/list/table.js';
import { TimeAndAgo } from '../parts/said/time.js';
import { SettingsFrame } from '../settings/settings-frame.js';
import { texts } from '../texts/en.js';
import { numberText } from '../texts/format.js';
import { NewWebhook } from './new-webhook.js';
import { signOf, useWebhooks } from './webhook-query.js';

const TONES = { enabled: 'allow', paused: 'deny', failing: 'hold' } as const;

export function WebhooksPage() {
  const { data, error, refetch } = useWebhooks();
  const [isMaking, setMaking] = useState(false);
  const mayWrite = useMay('webhook.write');
  const { webhooks: words } = texts;
  const acts = mayWrite ? (
    <Button disabled={data === undefined} onClick={() => setMaking(true)}>
      {words.new}
    </Button>
  ) : null;
  return (
    <SettingsFrame section={words.section} acts={acts}>
      <p className="soft">{words.about}</p>
      {data === undefined ? (
        error === null ? (
          <Loading />
        ) : (
          <FailureNote error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <Webhooks items={data.items} />
      )}
      {isMaking && data !== undefined ? <NewWebhook list={data} onClose={() => setMaking(false)} /> : null}
    </SettingsFrame>
  );
}

function Webhooks({ items }: { readonly items: readonly WebhookView[] }) {
  const { webhooks: words } = texts;
  if (items.length === 0) return <p className="soft">{words.none}</p>;
  return (
    <Table
      caption={words.caption}
      head={[words.name, words.place, words.types, words.state, words.waiting, words.lastSuccess]}
      stacks
    >
      {items.map((webhook) => (
        <WebhookRow key={webhook.id} webhook={webhook} />
      ))}
    </Table>
  );
}

function WebhookRow({ webhook }: { readonly webhook: WebhookView }) {
  const { id, name, url, types, waiting, lastSuccessAt } = webhook;
  const { webhooks: words } = texts;
  return (
    <tr>
      <th scope="row" data-label={words.name}>
        <Link to="/settings/webhooks/$id" params={{ id }}>
          {name}
        </Link>
      </th>
      <td data-label={words.place}>
        <Shown text={URL.parse(url)?.host ?? url} />
      </td>
      <td data-label={words.types}>{types.length === 0 ? words.allTypes : words.typeCount(types.length)}</td>
      <td data-label={words.state}>
        <StateBadge webhook={webhook} />
      </td>
      <td data-label={words.waiting}>{numberText(waiting)}</td>
      <td data-label={words.lastSuccess}>{lastSuccessAt === null ? words.never : <TimeAndAgo at={lastSuccessAt} />}</td>
    </tr>
  );
}

/** The sign of how it stands: a word, and a colour with it. */
export function StateBadge({ webhook }: { readonly webhook: WebhookView }) {
  const sign = signOf(webhook);
  return <Badge tone={TONES[sign]}>{texts.webhooks.states[sign]}</Badge>;
}
