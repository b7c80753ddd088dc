import './layout.css';
import { Outlet } from '@tanstack/react-router';
import { Suspense, useEffect } from 'react';
import { listenToKeys } from '../keys/keys.js';
import { bringDialogs } from '../parts/dialog/dialog.js';
import { Loading } from '../parts/said/loading.js';
import { texts } from '../texts/en.js';
import { Header } from './header.js';
import { SessionOver } from './session-over.js';
import { NewBuild } from './new-build.js';
import { SilentBroker } from './silent-broker.js';
import { ShellKeys } from './shell-keys.js';

/** The page itself has come by then. */
const DIALOGS_MS = 2_000;

/** The frame: header with the sections, what is wrong with the connection, and the page itself. */
export function Layout() {
  useEffect(listenToKeys, []);
  useEffect(() => {
    const timer = setTimeout(() => void bringDialogs().catch(() => undefined), DIALOGS_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <>
      <a className="skip" href="#content">
        {texts.shell.skip}
      </a>
      <Header />
      <SilentBroker />
      <NewBuild />
      <main id="content" className="content" tabIndex={-1}>
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </main>
      <ShellKeys />
      <SessionOver />
    </>
  );
}
