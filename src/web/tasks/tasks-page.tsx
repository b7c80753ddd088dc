import { PageHead } from '../parts/page-head.js';
import { texts } from '../texts/en.js';

export function TasksPage() {
  return <PageHead title={texts.shell.tasks} />;
}
