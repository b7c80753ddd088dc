import './note.css';
import type { ReactNode } from 'react';

export interface NoteProps {
  readonly tone?: 'plain' | 'hold' | 'deny';
  /** Whether it is spoken when it appears: `status` waits, `alert` interrupts. */
  readonly role?: 'status' | 'alert';
  readonly children: ReactNode;
}

/** A sentence of the broker that stands out. */
export function Note({ tone = 'plain', role, children }: NoteProps) {
  return (
    <div className={`note ${tone}`} role={role}>
      {children}
    </div>
  );
}
