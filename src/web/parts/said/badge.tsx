import './badge.css';
import type { ReactNode } from 'react';

export interface BadgeProps {
  /** The colour; a word always stands in it. */
  readonly tone?: 'plain' | 'allow' | 'hold' | 'deny' | 'act';
  readonly icon?: ReactNode;
  readonly children: ReactNode;
  readonly title?: string;
}

export function Badge({ tone = 'plain', icon, children, title }: BadgeProps) {
  return (
    <span className={`badge ${tone}`} title={title}>
      {icon}
      {children}
    </span>
  );
}
