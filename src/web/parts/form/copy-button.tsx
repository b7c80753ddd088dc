import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { texts } from '../../texts/en.js';
import { Button } from './button.js';

const SHOWN_MS = 2_000;

/** Copies exactly the text, and says so. */
export function CopyButton({ text, label = texts.common.copy }: { readonly text: string; readonly label?: string }) {
  const [outcome, setOutcome] = useState<'none' | 'copied' | 'failed'>('none');
  useEffect(() => {
    if (outcome === 'none') return undefined;
    const timer = setTimeout(() => setOutcome('none'), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setOutcome('copied'),
      () => setOutcome('failed'),
    );
  };
  return (
    <>
      <Button look="quiet" icon={outcome === 'copied' ? <Check aria-hidden /> : <Copy aria-hidden />} onClick={copy}>
        {label}
      </Button>
      <span role="status" className={outcome === 'failed' ? undefined : 'hidden-visually'}>
        {outcome === 'none' ? '' : outcome === 'copied' ? texts.common.copied : texts.common.copyFailed}
      </span>
    </>
  );
}
