import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { SettingView } from '../../contracts/broker/setting.js';
import { call } from '../api/call.js';
import { ActDialog } from '../parts/dialog/act-dialog.js';
import { Button } from '../parts/form/button.js';
import { Section } from '../parts/section.js';
import { signedOutAddress } from '../shell/sign-out.js';
import { texts } from '../texts/en.js';
import { spanText } from '../texts/format.js';

const MINUTE_MS = 60_000;

/** How long sessions last, and the way to end those of everybody. */
export function EndEverybody({ settings }: { readonly settings: readonly SettingView[] }) {
  const [isAsking, setAsking] = useState(false);
  const end = useMutation({
    mutationFn: () => call('/v1/sessions', { method: 'DELETE' }),
    onSuccess: () => location.replace(signedOutAddress('everywhere')),
  });
  const valueOf = (name: string) => Number(settings.find((setting) => setting.name === name)?.value ?? 0);
  const [idle, longest] = [valueOf('SESSION_IDLE_MINUTES') * MINUTE_MS, valueOf('SESSION_HOURS') * 60 * MINUTE_MS];
  const { broker: words } = texts;
  return (
    <Section title={words.sessions} acts={<Button onClick={() => setAsking(true)}>{words.endEverybody}</Button>}>
      <p>{words.sessionsText(spanText(idle), spanText(longest))}</p>
      <ActDialog
        title={words.endEverybodyTitle}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        act={words.endEverybody}
        onAct={() => end.mutate()}
        isPending={end.isPending}
        error={end.error}
      >
        <p>{words.endEverybodyText}</p>
      </ActDialog>
    </Section>
  );
}
