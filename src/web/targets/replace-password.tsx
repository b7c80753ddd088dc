import { useState } from 'react';
import { ActDialog } from '../parts/dialog/act-dialog.js';
import { texts } from '../texts/en.js';
import { TargetFailure } from './target-failure.js';
import { useChangeTarget } from './target-query.js';
import { TextInput } from './text-input.js';

export interface ReplacePasswordProps {
  readonly name: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** A new password goes in; the one that is kept can be read by nobody. */
export function ReplacePassword({ name, isOpen, onClose }: ReplacePasswordProps) {
  const [password, setPassword] = useState('');
  const close = () => {
    setPassword('');
    change.reset();
    onClose();
  };
  const change = useChangeTarget(name, () => {
    setPassword('');
    onClose();
  });
  const { targets: words, targetForm } = texts;
  return (
    <ActDialog
      title={words.replacePasswordTitle}
      isOpen={isOpen}
      onClose={close}
      act={words.replacePassword}
      onAct={() => change.mutate({ password })}
      isPending={change.isPending}
      isReady={password !== ''}
    >
      <p>{words.replacePasswordText}</p>
      <TextInput
        label={targetForm.password}
        type="password"
        autoComplete="new-password"
        value={password}
        onChange={setPassword}
      />
      {change.isError ? <TargetFailure error={change.error} /> : null}
    </ActDialog>
  );
}
