import { useState } from 'react';
import type { KnownPrincipalView } from '../../contracts/identity/principal.js';
import { fieldFaults } from '../api/field-faults.js';
import { ActDialog } from '../parts/dialog/act-dialog.js';
import { visibleName } from '../parts/said/visible-name.js';
import { texts } from '../texts/en.js';
import { NameField } from './name-field.js';
import { useChangePrincipal } from './principal-query.js';

interface PersonDialogProps {
  readonly principal: KnownPrincipalView;
  readonly onClose: () => void;
}

/** Says that another principal is of the same person. */
export function JoinDialog({ principal: { name, alike }, onClose }: PersonDialogProps) {
  const [other, setOther] = useState(alike[0] ?? '');
  const change = useChangePrincipal(name, onClose);
  const { principal: words } = texts;
  return (
    <ActDialog
      title={words.joinTitle(visibleName(name))}
      isOpen
      onClose={onClose}
      act={words.join}
      onAct={() => change.mutate({ samePersonAs: other.trim() })}
      isPending={change.isPending}
      error={change.error}
      isReady={other.trim() !== ''}
    >
      <p>{words.joinText}</p>
      <NameField
        label={words.joinName}
        value={other}
        onChange={setOther}
        error={fieldFaults(change.error).get('samePersonAs')}
      />
    </ActDialog>
  );
}

/** Says that a principal is of nobody else. */
export function LeaveDialog({ principal: { name }, onClose }: PersonDialogProps) {
  const change = useChangePrincipal(name, onClose);
  const { principal: words } = texts;
  return (
    <ActDialog
      title={words.leaveTitle(visibleName(name))}
      isOpen
      onClose={onClose}
      act={words.leave}
      onAct={() => change.mutate({ samePersonAs: null })}
      isPending={change.isPending}
      error={change.error}
    >
      <p>{words.leaveText}</p>
    </ActDialog>
  );
}

/** Says who answers for an agent. */
export function SponsorDialog({ principal: { name, sponsor }, onClose }: PersonDialogProps) {
  const [typed, setTyped] = useState(sponsor ?? '');
  const change = useChangePrincipal(name, onClose);
  const { principal: words } = texts;
  return (
    <ActDialog
      title={words.sponsorTitle(visibleName(name))}
      isOpen
      onClose={onClose}
      act={texts.common.save}
      onAct={() => change.mutate({ sponsor: typed.trim() === '' ? null : typed.trim() })}
      isPending={change.isPending}
      error={change.error}
    >
      <p>{words.sponsorText}</p>
      <NameField
        label={words.sponsorName}
        value={typed}
        onChange={setTyped}
        error={fieldFaults(change.error).get('sponsor')}
      />
    </ActDialog>
  );
}
