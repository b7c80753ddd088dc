import { PageHead } from '../parts/page-head.js';
import { texts } from '../texts/en.js';

export function TaskPage() {
  return <PageHead title={texts.shell.tasks} />;
}
