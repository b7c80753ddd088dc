import { useEffect, useState } from 'react';
import type { PolicyView } from '../../../contracts/policies/policy.js';

/** The text that something was written over. */
interface BaseText {
  /** 0: there was no policy of that name. */
  readonly revision: number;
  readonly text: string;
}

interface KeptDraft {
  readonly base: BaseText;
  readonly text: string;
  readonly reason: string;
}

export interface WrittenPolicy {
  readonly text: string;
  readonly reason: string;
  readonly base: BaseText;
  readonly isChanged: boolean;
  /** What is in force is another text than the one that this was written over. */
  readonly isConflict: boolean;
  /** With a reason in the place of the one that is there, where one is given. */
  readonly write: (text: string, reason?: string) => void;
  readonly explain: (reason: string) => void;
  /** Goes on over what is in force now. */
  readonly keepMine: () => void;
  /** Drops what was written. */
  readonly drop: () => void;
}

/** What a panel beside the text is given. */
export interface PolicyPanelProps {
  readonly name: string;
  readonly policy: PolicyView | null;
  readonly draft: WrittenPolicy;
}

/** What was written and not saved, by the names of policies, for as long as the page is open. */
const kept = new Map<string, KeptDraft>();

/** A policy's text as somebody writes it: it outlives another page, a refusal, and a change by somebody else. */
export function usePolicyDraft(name: string, policy: PolicyView | null): WrittenPolicy {
  const [draft, setDraft] = useState(() => kept.get(name));
  const stored: BaseText = { revision: policy?.revision ?? 0, text: policy?.text ?? '' };
  const base = draft?.base ?? stored;
  const text = draft?.text ?? stored.text;
  const reason = draft?.reason ?? '';
  const isChanged = text !== base.text;
  const keep = (next: KeptDraft | undefined) => {
    if (next === undefined) kept.delete(name);
    else kept.set(name, next);
    setDraft(next);
  };
  useEffect(() => {
    if (!isChanged) return undefined;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [isChanged]);
  return {
    text,
    reason,
    base,
    isChanged,
    isConflict: isChanged && base.revision !== stored.revision,
    write: (next, why = reason) => {
      if (next === base.text && why === '') keep(undefined);
      else keep({ base, text: next, reason: why });
    },
    explain: (next) => keep({ base, text, reason: next }),
    keepMine: () => keep({ base: stored, text, reason }),
    drop: () => keep(undefined),
  };
}
