/**
 * Runs before the page's own code is there (vite.config.ts puts it first into the document): asks for what every page needs and
 * what this one shows, and has the code of this page brought along with the rest.
 */
import { approvalAddress, ME_ADDRESS } from './api/addresses.js';
import { askEarly } from './api/early.js';

const [, area = '', name = ''] = location.pathname.split('/');

askEarly(ME_ADDRESS);
if (area === 'approvals' && name !== '') {
  askEarly(approvalAddress(decodeURIComponent(name))); // every role may read it
  bring(() => import('./approval/approval-page.js'));
}
if (area === 'inbox') bring(() => import('./inbox/inbox-page.js'));
if (area === 'recordings' && name !== '') bring(() => import('./recordings/recording-page.js'));

/** A failure is nothing yet: the router brings the same code when it needs it, and says so. */
function bring(load: () => Promise<unknown>): void {
  load().catch(() => undefined);
}
