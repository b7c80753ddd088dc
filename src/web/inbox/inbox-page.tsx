import { PageHead } from '../parts/page-head.js';
import { texts } from '../texts/en.js';

export function InboxPage() {
  return <PageHead title={texts.shell.inbox} />;
}
