import { PageHead } from '../parts/page-head.js';
import { texts } from '../texts/en.js';

export function RecordPage() {
  return <PageHead title={texts.shell.record} />;
}
