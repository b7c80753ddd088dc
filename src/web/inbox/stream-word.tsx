import { Radio } from 'lucide-react';
import type { StreamState } from '../api/events.js';
import { clockText } from '../texts/format.js';
import { texts } from '../texts/en.js';

const { inbox } = texts;

/** Whether the list follows what happens. */
export function StreamWord({ stream: { state, since } }: { readonly stream: StreamState }) {
  if (state === 'open') {
    return (
      <span className="stream-word">
        <Radio aria-hidden /> {inbox.connected}
      </span>
    );
  }
  return <span>{state === 'connecting' || since === undefined ? inbox.connecting : inbox.gone(clockText(since))}</span>;
}
