import './settings-frame.css';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { PageHead } from '../parts/page-head.js';
import { Gate } from '../shell/gate.js';
import { texts } from '../texts/en.js';

const { settings: words } = texts;

const SECTIONS = [
  { to: '/settings', name: words.providers },
  { to: '/settings/mapping', name: words.mapping },
  { to: '/settings/gateways', name: words.gateways },
  { to: '/settings/channels', name: texts.channels.section },
  { to: '/settings/webhooks', name: texts.webhooks.section },
  { to: '/settings/broker', name: words.broker },
] as const;

export interface SettingsFrameProps {
  /** What stands beside the heading. */
  readonly acts?: ReactNode;
  /** The section, for the title of the window. */
  readonly section: string;
  readonly children: ReactNode;
}

/** Heading and sections of the settings. */
export function SettingsFrame({ acts, section, children }: SettingsFrameProps) {
  return (
    <Gate title={texts.shell.settings} permission="provider.read" roles={words.taking}>
      <PageHead title={texts.shell.settings} windowTitle={`${section} · ${texts.shell.settings}`}>
        {acts}
      </PageHead>
      <nav className="settings-sections" aria-label={words.sections}>
        <ul>
          {SECTIONS.map(({ to, name }) => (
            <li key={to}>
              <Link to={to} activeOptions={{ exact: true }} activeProps={{ 'aria-current': 'page' }}>
                {name}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {children}
    </Gate>
  );
}
