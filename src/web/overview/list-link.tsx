import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { addressOf, type Query } from '../api/call.js';
import { useMay, type Permission } from '../api/me.js';

export interface ListLinkProps {
  readonly to: '/search' | '/inbox' | '/tasks';
  readonly query?: Query;
  /** Without it the list is not shown, and neither is the way there. */
  readonly permission: Permission;
  readonly children: ReactNode;
}

/** The way from a plot to the list of what it counts. */
export function ListLink({ to, query = {}, permission, children }: ListLinkProps) {
  if (!useMay(permission)) return null;
  return <Link to={addressOf(to, query)}>{children}</Link>;
}

export interface SearchLinkProps {
  /** As the box of the search has them. */
  readonly facets: Readonly<Partial<Record<'from' | 'to' | 'target' | 'verdict' | 'kind', string | null>>>;
  readonly children: ReactNode;
}

/** The way to a search. */
export function SearchLink({ facets, children }: SearchLinkProps) {
  const terms = Object.entries(facets).flatMap(([facet, value]) =>
    value === null ? [] : [`${facet}:${quoted(value)}`],
  );
  return (
    <ListLink to="/search" query={{ q: terms.join(' ') }} permission="recording.read">
      {children}
    </ListLink>
  );
}

function quoted(value: string): string {
  return /[\s"]/.test(value) ? `"${value.replaceAll('"', '')}"` : value;
}
