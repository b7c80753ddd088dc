import { PageHead } from '../parts/page-head.js';
import { texts } from '../texts/en.js';

export function SettingsPage() {
  return <PageHead title={texts.shell.settings} />;
}
