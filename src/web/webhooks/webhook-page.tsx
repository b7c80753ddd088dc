import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { WebhookList, WebhookView } from '../../contracts/channels/webhook.js';
import { useMay } from '../api/me.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Facts } from '../parts/facts.js';
import { Loading } from '../parts/said/loading.js';
import { Note } from '../parts/said/note.js';
import { Section } from '../parts/section.js';
import { Shown } from '../parts/said/shown.js';
import { Time, TimeAndAgo } from '../parts/said/time.js';
import { visibleName } from '../parts/said/visible-name.js';
import { SettingsFrame } from '../settings/settings-frame.js';
import { texts } from '../texts/en.js';
import { countText, numberText } from '../texts/format.js';
import { faultText } from '../texts/webhooks.js';
import { Deliveries } from './deliveries.js';
import { DeleteWebhook, WebhookActs } from './webhook-acts.js';
import { signOf, useWebhooks } from './webhook-query.js';
import { StateBadge } from './webhooks-page.js';

const route = getRouteApi('/settings/webhooks/$id');

export function WebhookPage() {
  const { id } = route.useParams();
  const { data, error, refetch } = useWebhooks();
  const webhook = data?.items.find((one) => one.id === id);
  const { webhooks: words } = texts;
  const name = webhook === undefined ? words.section : visibleName(webhook.name);
  return (
    <SettingsFrame section={webhook === undefined ? words.section : words.windowTitle(name)}>
      <p>
        <Link to="/settings/webhooks">{words.back}</Link>
      </p>
      <h2>{name}</h2>
      {data === undefined ? (
        error === null ? (
          <Loading />
        ) : (
          <FailureNote error={error} onRetry={() => void refetch()} />
        )
      ) : webhook === undefined ? (
        <p className="soft">{texts.webhook.notThere}</p>
      ) : (
        <Webhook webhook={webhook} list={data} />
      )}
    </SettingsFrame>
  );
}

function Webhook({ webhook, list }: { readonly webhook: WebhookView; readonly list: WebhookList }) {
  const mayWrite = useMay('webhook.write');
  return (
    <>
      <Sign webhook={webhook} />
      <WebhookFacts webhook={webhook} acts={mayWrite ? <WebhookActs webhook={webhook} list={list} /> : null} />
      <Deliveries id={webhook.id} mayResend={mayWrite && webhook.state === 'enabled'} />
      {mayWrite ? <DeleteWebhook webhook={webhook} /> : null}
    </>
  );
}

/** What is wrong with it, on top. */
function Sign({ webhook }: { readonly webhook: WebhookView }) {
  const sign = signOf(webhook);
  const { webhook: words } = texts;
  if (sign === 'enabled') return null;
  return (
    <Note tone={sign === 'paused' ? 'deny' : 'hold'} role="status">
      <p>{webhook.pause === null ? words.failing : words.paused[webhook.pause.reason]}</p>
    </Note>
  );
}

function WebhookFacts({ webhook, acts }: { readonly webhook: WebhookView; readonly acts: ReactNode }) {
  const { url, types, include, lastSuccessAt, lastFailure, failingSince, dropped, secret, waiting } = webhook;
  const { webhooks, webhook: words } = texts;
  return (
    <Section title={words.facts} acts={acts}>
      <Facts
        rows={[
          [webhooks.state, <StateBadge key="state" webhook={webhook} />],
          [webhooks.url, <Shown key="url" text={url} />],
          [webhooks.types, types.length === 0 ? webhooks.allTypes : types.join(', ')],
          [webhooks.include, include.length === 0 ? null : include.map((one) => webhooks.details[one]).join('; ')],
          [webhooks.waiting, numberText(waiting)],
          [webhooks.lastSuccess, lastSuccessAt === null ? webhooks.never : <TimeAndAgo at={lastSuccessAt} />],
          [words.failingSince, failingSince === null ? null : <TimeAndAgo at={failingSince} />],
          [words.lastFailure, lastFailure === null ? null : <LastFailure {...lastFailure} />],
          [words.dropped, dropped === 0 ? null : words.droppedText(countText(dropped, 'event'))],
          [
            words.secret,
            <span key="secret">
              {words.secretMade} <Time at={secret.madeAt} />
              {secret.previousUntil === null ? null : (
                <>
                  {' · '}
                  {words.previousUntil} <Time at={secret.previousUntil} />
                </>
              )}
            </span>,
          ],
          [
            words.made,
            <span key="made">
              <TimeAndAgo at={webhook.createdAt} /> <Shown text={words.madeBy(webhook.createdBy)} />
            </span>,
          ],
        ]}
      />
    </Section>
  );
}

function LastFailure({ at, fault, status }: NonNullable<WebhookView['lastFailure']>) {
  return (
    <span>
      <TimeAndAgo at={at} /> {texts.webhook.failed(faultText(fault), status === null ? null : String(status))}
    </span>
  );
}
