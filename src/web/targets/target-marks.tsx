import { CircleCheck, CircleX, ShieldAlert, ShieldCheck } from 'lucide-react';
import type { TargetView } from '../../contracts/grants/target.js';
import { Badge } from '../parts/said/badge.js';
import { TimeAndAgo } from '../parts/said/time.js';
import { texts } from '../texts/en.js';

/** How the last look went, and when it was. */
export function ReachMark({ target: { lastLook, report } }: { readonly target: TargetView }) {
  if (lastLook === null) {
    return report === null ? (
      <span className="soft">{texts.targets.neverSeen}</span>
    ) : (
      <TimeAndAgo at={report.checkedAt} />
    );
  }
  return (
    <span>
      {lastLook.ok ? (
        <Badge tone="allow" icon={<CircleCheck aria-hidden />}>
          {texts.targets.seen}
        </Badge>
      ) : (
        <Badge tone="deny" icon={<CircleX aria-hidden />}>
          {texts.targets.notSeen}
        </Badge>
      )}{' '}
      <TimeAndAgo key={lastLook.at} at={lastLook.at} />
    </span>
  );
}

/** Whether the path to it is protected; anything short of the whole is a warning where the API says so. */
export function TlsMark({ target: { tls, warnings } }: { readonly target: TargetView }) {
  const isWarned = warnings.some(({ code }) => code.startsWith('tls-'));
  return (
    <Badge tone={isWarned ? 'hold' : 'plain'} icon={isWarned ? <ShieldAlert aria-hidden /> : undefined}>
      {texts.targets.tlsModes[tls.mode]}
    </Badge>
  );
}

export function CredentialsMark({ target: { credentials } }: { readonly target: TargetView }) {
  return credentials === 'static' ? (
    <Badge tone="hold" icon={<ShieldAlert aria-hidden />}>
      {texts.targets.static}
    </Badge>
  ) : (
    <Badge icon={<ShieldCheck aria-hidden />}>{texts.targets.dynamic}</Badge>
  );
}
