import { CircleCheck, CircleX, Hourglass } from 'lucide-react';
import type { PolicyTrialView } from '../../../contracts/policies/policy.js';
import { Badge } from '../../parts/said/badge.js';
import { texts } from '../../texts/en.js';

const ICONS = { allow: CircleCheck, hold: Hourglass, deny: CircleX } as const;

export function VerdictBadge({ verdict }: { readonly verdict: PolicyTrialView['verdict'] }) {
  const Icon = ICONS[verdict];
  return (
    <Badge tone={verdict} icon={<Icon aria-hidden />}>
      {texts.policyPanels.verdicts[verdict]}
    </Badge>
  );
}
