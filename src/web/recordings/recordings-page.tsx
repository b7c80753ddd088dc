import { PageHead } from '../parts/page-head.js';
import { texts } from '../texts/en.js';

export function RecordingsPage() {
  return <PageHead title={texts.shell.recordings} />;
}
