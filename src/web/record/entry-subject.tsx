import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { RecordEntryView } from '../../contracts/broker/admin-record.js';
import { Shown } from '../parts/said/shown.js';

/** What an entry is about, with the way to it where the page has one. */
export function EntrySubject({ subject: { kind, name } }: { readonly subject: RecordEntryView['subject'] }) {
  return (
    <span>
      <SubjectLink kind={kind} name={name}>
        <Shown text={name} />
      </SubjectLink>
      <span className="entry-second">{kind}</span>
    </span>
  );
}

function SubjectLink({
  kind,
  name,
  children,
}: {
  readonly kind: string;
  readonly name: string;
  readonly children: ReactNode;
}) {
  if (name === '*') return children; // a search of many
  switch (kind) {
    case 'principal':
      return (
        <Link to="/people/$name" params={{ name }}>
          {children}
        </Link>
      );
    case 'target':
      return (
        <Link to="/targets/$name" params={{ name }}>
          {children}
        </Link>
      );
    case 'policy':
      return (
        <Link to="/policies/$name" params={{ name }}>
          {children}
        </Link>
      );
    case 'grant':
      return (
        <Link to="/tasks/$grant" params={{ grant: name }}>
          {children}
        </Link>
      );
    case 'approval':
      return (
        <Link to="/approvals/$id" params={{ id: name }}>
          {children}
        </Link>
      );
    case 'recording':
      return (
        <Link to="/recordings/$grant" params={{ grant: name }}>
          {children}
        </Link>
      );
    case 'provider':
      return (
        <Link to="/settings/providers/$name" params={{ name }}>
          {children}
        </Link>
      );
    case 'channel':
      return <Link to="/settings/channels">{children}</Link>;
    case 'mapping':
      return <Link to="/settings/mapping">{children}</Link>;
    default:
      return children;
  }
}
