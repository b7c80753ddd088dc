import { useEffect, useState } from 'react';
import { CopyButton } from '../../parts/form/copy-button.js';
import { texts } from '../../texts/en.js';

const SHOWN_CHARACTERS = 8;

/** Copies the SHA-256 of the exact text, for anyone who compares it with what stands elsewhere. */
export function Digest({ text }: { readonly text: string }) {
  const [digest, setDigest] = useState<string>();
  useEffect(() => {
    let isGone = false;
    void digestOf(text).then((hex) => isGone || setDigest(hex));
    return () => {
      isGone = true;
    };
  }, [text]);
  if (digest === undefined) return null;
  return <CopyButton text={digest} label={texts.approval.copyDigest(digest.slice(0, SHOWN_CHARACTERS))} />;
}

async function digestOf(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
