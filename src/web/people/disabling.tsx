import { useState } from 'react';
import type { KnownPrincipalView } from '../../contracts/identity/principal.js';
import { useMay } from '../api/me.js';
import { ActDialog } from '../parts/dialog/act-dialog.js';
import { Badge } from '../parts/said/badge.js';
import { Button } from '../parts/form/button.js';
import { visibleName } from '../parts/said/visible-name.js';
import { texts } from '../texts/en.js';
import { useChangePrincipal } from './principal-query.js';

/** Whether a principal works, and the button that changes it after a question. */
export function Disabling({ principal: { name, disabledAt } }: { readonly principal: KnownPrincipalView }) {
  const [isAsking, setAsking] = useState(false);
  const change = useChangePrincipal(name, () => setAsking(false));
  const mayChange = useMay('principal.write');
  const { principal: words, people } = texts;
  const isOff = disabledAt !== null;
  return (
    <>
      {isOff ? <Badge tone="deny">{people.disabled}</Badge> : null}
      {mayChange ? <Button onClick={() => setAsking(true)}>{isOff ? words.enable : words.disable}</Button> : null}
      <ActDialog
        title={(isOff ? words.enableTitle : words.disableTitle)(visibleName(name))}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        act={isOff ? words.enable : words.disable}
        onAct={() => change.mutate({ disabled: !isOff })}
        isPending={change.isPending}
        error={change.error}
      >
        <p>{isOff ? words.enableText : words.disableText}</p>
      </ActDialog>
    </>
  );
}
