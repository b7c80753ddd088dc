import { texts } from '../../texts/en.js';

export function Loading() {
  return (
    <p className="soft" role="status">
      {texts.shell.loading}
    </p>
  );
}
