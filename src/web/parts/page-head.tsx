import './page-head.css';
import { useEffect, type ReactNode } from 'react';
import { texts } from '../texts/en.js';

export interface PageHeadProps {
  /** The page's only first heading; also the title of the window unless `windowTitle` is given. */
  readonly title: string;
  readonly windowTitle?: string;
  readonly children?: ReactNode;
}

export function PageHead({ title, windowTitle = title, children }: PageHeadProps) {
  useEffect(() => void (document.title = `${windowTitle} · ${texts.shell.product}`), [windowTitle]);
  return (
    <header className="page-head">
      <h1>{title}</h1>
      {children === undefined ? null : <div className="page-head-acts">{children}</div>}
    </header>
  );
}
