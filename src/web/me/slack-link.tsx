import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { SlackLinkCode } from '../../contracts/channels/slack-link.js';
import { call } from '../api/call.js';
import { meQuery, useMay, useMe } from '../api/me.js';
import { Button } from '../parts/form/button.js';
import { CopyButton } from '../parts/form/copy-button.js';
import { Facts } from '../parts/facts.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Note } from '../parts/said/note.js';
import { Section } from '../parts/section.js';
import { TimeAndAgo } from '../parts/said/time.js';
import { texts } from '../texts/en.js';

const PATH = '/v1/me/slack-link';

/** Which account of Slack is the reader's, and the way to say so or to take it back. Nothing where nobody is linked. */
export function SlackLink() {
  const { slack } = useMe();
  const mayDecide = useMay('approval.decide');
  const queries = useQueryClient();
  const lookAgain = () => queries.invalidateQueries({ queryKey: meQuery.queryKey });
  const make = useMutation({
    mutationFn: () => call<SlackLinkCode>(PATH, { method: 'POST' }),
    gcTime: 0, // the code stays nowhere
  });
  const remove = useMutation({
    mutationFn: () => call(PATH, { method: 'DELETE' }),
    onSuccess: () => {
      make.reset();
      return lookAgain();
    },
  });
  const { slack: words } = texts.me;
  if (slack === null || (slack.account === null && !mayDecide)) return null;
  const { account } = slack;
  const act =
    account === null ? (
      <Button onClick={() => make.mutate()} disabled={make.isPending}>
        {words.make}
      </Button>
    ) : (
      <Button onClick={() => remove.mutate()} disabled={remove.isPending}>
        {words.remove}
      </Button>
    );
  return (
    <Section title={words.title} acts={act}>
      {account === null ? (
        <p>{words.none}</p>
      ) : (
        <Facts
          rows={[
            [words.account, <code key="account">{`${account.team}/${account.user}`}</code>],
            [words.since, <TimeAndAgo key="since" at={account.linkedAt} />],
          ]}
        />
      )}
      {make.data === undefined || account !== null ? null : <Command {...make.data} onSent={lookAgain} />}
      {make.isError ? <FailureNote error={make.error} /> : null}
      {remove.isError ? <FailureNote error={remove.error} /> : null}
    </Section>
  );
}

function Command({ command, expiresAt, onSent }: SlackLinkCode & { readonly onSent: () => Promise<void> }) {
  const { slack: words } = texts.me;
  return (
    <Note tone="hold" role="status">
      <p>{words.send}</p>
      <code className="slack-command">{command}</code>
      <p>
        <CopyButton text={command} label={words.copy} /> <Button onClick={() => void onSent()}>{words.sent}</Button>
      </p>
      <p>
        {words.once} <TimeAndAgo at={expiresAt} />
      </p>
    </Note>
  );
}
