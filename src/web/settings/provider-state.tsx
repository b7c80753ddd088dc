import './settings.css';
import type { ReactNode } from 'react';
import type { IdentityProviderView } from '../../contracts/identity/identity-provider.js';
import { Badge } from '../parts/said/badge.js';
import { CopyButton } from '../parts/form/copy-button.js';
import { Facts } from '../parts/facts.js';
import { Section } from '../parts/section.js';
import { Shown } from '../parts/said/shown.js';
import { Time, TimeAndAgo, useNow } from '../parts/said/time.js';
import { texts } from '../texts/en.js';
import { countText, numberText } from '../texts/format.js';

const DAY_MS = 86_400_000;
const SOON_DAYS = 30;

/** What the provider's administrator has to be told, and how it answers. */
export function ProviderState({ provider }: { readonly provider: IdentityProviderView }) {
  const { address, kind, issuer, for: uses, revision, changedAt, changedBy } = provider;
  const { provider: words, settings } = texts;
  const isForAgentsAlone = uses.every((use) => use === 'agents');
  return (
    <>
      <Facts
        rows={[
          [settings.kind, settings.kinds[kind]],
          [settings.uses, uses.map((use) => settings.useNames[use]).join(', ')],
          [settings.issuer, <Shown key="issuer" text={issuer} />],
          [settings.revision, numberText(revision)],
          [
            settings.changed,
            <span key="changed">
              <TimeAndAgo at={changedAt} /> <Shown text={changedBy} />
            </span>,
          ],
          ...(provider.kind === 'oidc' ? oidcRows(provider) : []),
        ]}
      />
      {provider.kind === 'saml' ? <Certificates times={provider.certificateTimes} /> : null}
      {isForAgentsAlone ? null : (
        <Section title={words.tell}>
          <Facts
            rows={[
              [words.signIn, address.signIn === null ? words.noAddress : <Address text={address.signIn} />],
              [words.callback, address.callback === null ? null : <Address text={address.callback} />],
              [words.metadata, address.metadata === null ? null : <Address text={address.metadata} isLink />],
            ]}
          />
        </Section>
      )}
    </>
  );
}

function Address({ text, isLink = false }: { readonly text: string; readonly isLink?: boolean }) {
  return (
    <span className="provider-address">
      {isLink ? <a href={new URL(text).pathname}>{text}</a> : <code>{text}</code>} <CopyButton text={text} />
    </span>
  );
}

type OidcView = Extract<IdentityProviderView, { kind: 'oidc' }>;

function oidcRows({ discovery, hasClientSecret, for: uses }: OidcView): readonly (readonly [string, ReactNode])[] {
  const { state, readAt, failedAt, fault, keys, keysReadAt } = discovery;
  const { provider: words } = texts;
  const tone = state === 'failing' ? 'deny' : state === 'good' ? 'allow' : 'plain';
  return [
    [
      words.discovery,
      <span key="state">
        <Badge tone={tone}>{words.discoveryStates[state]}</Badge> {fault === null ? null : <code>{fault}</code>}
        {state === 'not-asked' ? words.notAskedNext : null}
      </span>,
    ],
    [words.readAt, readAt === null ? null : <TimeAndAgo key="read" at={readAt} />],
    [words.failedAt, failedAt === null ? null : <TimeAndAgo key="failed" at={failedAt} />],
    [
      words.keys,
      keys === null || keysReadAt === null ? (
        words.keysUnread
      ) : (
        <span key="keys">
          {words.keysRead(countText(keys, 'key'))} <TimeAndAgo at={keysReadAt} />
        </span>
      ),
    ],
    [words.hasSecret, uses.includes('people') ? (hasClientSecret ? words.secretThere : words.secretMissing) : null],
  ];
}

type SamlView = Extract<IdentityProviderView, { kind: 'saml' }>;

function Certificates({ times }: { readonly times: SamlView['certificateTimes'] }) {
  const now = useNow(60_000);
  const { provider: words } = texts;
  return (
    <Facts
      rows={times.map(({ fingerprint, to }, place) => {
        const days = Math.floor((Date.parse(to) - now) / DAY_MS);
        const tone = days < 0 ? 'deny' : days < SOON_DAYS ? 'hold' : 'plain';
        return [
          words.certificate(numberText(place + 1)),
          <span key={fingerprint}>
            <Badge tone={tone}>
              {days < 0 ? words.certificateOver : words.certificateDays(countText(days, 'day'))}
            </Badge>{' '}
            <Time at={to} /> · {words.fingerprint} <code>{fingerprint}</code>
          </span>,
        ] as const;
      })}
    />
  );
}
