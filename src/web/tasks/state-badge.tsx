import { Archive, Ban, CircleDot, Hourglass, LogOut } from 'lucide-react';
import type { GrantView } from '../../contracts/grants/grant.js';
import { Badge, type BadgeProps } from '../parts/said/badge.js';
import { texts } from '../texts/en.js';

const SIGNS: Readonly<Record<GrantView['state'], Pick<BadgeProps, 'tone' | 'icon'>>> = {
  requested: { tone: 'hold', icon: <Hourglass aria-hidden /> },
  active: { tone: 'act', icon: <CircleDot aria-hidden /> },
  closing: { tone: 'hold', icon: <LogOut aria-hidden /> },
  sealed: { icon: <Archive aria-hidden /> },
  refused: { tone: 'deny', icon: <Ban aria-hidden /> },
};

/** The state of a task, as a word with a sign. */
export function StateBadge({ grant: { state } }: { readonly grant: Pick<GrantView, 'state'> }) {
  return <Badge {...SIGNS[state]}>{texts.tasks.states[state]}</Badge>;
}
