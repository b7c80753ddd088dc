import type { ReactNode } from 'react';
import { useMe, type Permission } from '../api/me.js';
import { PageHead } from '../parts/page-head.js';
import { texts } from '../texts/en.js';

export interface GateProps {
  readonly title: string;
  readonly permission: Permission;
  /** The roles that have it, for the sentence. */
  readonly roles: string;
  readonly children: ReactNode;
}

/** Shows a page to those who may use it, and tells the others which role it takes. The API refuses by itself. */
export function Gate({ title, permission, roles, children }: GateProps) {
  if (useMe().permissions.includes(permission)) return children;
  return (
    <>
      <PageHead title={title} />
      <p>{texts.shell.notYours(roles)}</p>
      <p>{texts.shell.notYoursNext}</p>
    </>
  );
}
