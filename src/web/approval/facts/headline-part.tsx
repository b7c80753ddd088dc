import { CircleHelp, Flame, Table2, TriangleAlert } from 'lucide-react';
import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { Badge } from '../../parts/said/badge.js';
import { Shown } from '../../parts/said/shown.js';
import { useNow } from '../../parts/said/time.js';
import { texts } from '../../texts/en.js';
import { fullHeadlineOf, type DangerKind } from './headline.js';
import { TimeLeft } from '../live/time-left.js';

const { approval } = texts;

const ICONS: Readonly<Record<DangerKind, typeof Flame>> = {
  irreversible: Flame,
  wholeTable: Table2,
  notUnderstood: CircleHelp,
  unknownCount: TriangleAlert,
};

/** The broker's own sentence, and how much time is left. */
export function HeadlinePart({ view, level }: { readonly view: ApprovalView; readonly level: 1 | 2 }) {
  const now = useNow(5_000);
  const { verb, place, amount, dangers } = fullHeadlineOf(view, now);
  const Heading = level === 1 ? 'h1' : 'h2';
  return (
    <header className="headline">
      <Heading className="headline-text">
        <span className="headline-verb">{verb}</span> <Shown text={place} className="headline-place" />
        {amount === '' ? null : <>: {amount}</>}
      </Heading>
      <p className="headline-facts">
        <StateBadge view={view} />
        {view.state === 'pending' ? <TimeLeft until={view.expiresAt} from={view.askedAt} speaks /> : null}
        {dangers.map((danger) => (
          <DangerBadge key={danger} danger={danger} />
        ))}
      </p>
    </header>
  );
}

export function DangerBadge({ danger }: { readonly danger: DangerKind }) {
  const Icon = ICONS[danger];
  return (
    <Badge tone="deny" icon={<Icon aria-hidden />}>
      {approval.dangers[danger]}
    </Badge>
  );
}

const TONES = {
  pending: 'hold',
  approved: 'allow',
  denied: 'deny',
  'timed-out': 'plain',
  cancelled: 'plain',
  withdrawn: 'plain',
} as const;

export function StateBadge({ view: { state } }: { readonly view: Pick<ApprovalView, 'state'> }) {
  return <Badge tone={TONES[state]}>{approval.states[state]}</Badge>;
}
