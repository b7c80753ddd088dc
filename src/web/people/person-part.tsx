import { useState } from 'react';
import type { KnownPrincipalView } from '../../contracts/identity/principal.js';
import { useMay } from '../api/me.js';
import { Button } from '../parts/form/button.js';
import { Section } from '../parts/section.js';
import { texts } from '../texts/en.js';
import { JoinDialog, LeaveDialog, SponsorDialog } from './person-dialogs.js';
import { PrincipalLink } from './principal-link.js';

/** Who is behind a principal: others of the same person, or who answers for an agent. */
export function PersonPart({ principal }: { readonly principal: KnownPrincipalView }) {
  const isAgent = principal.kind === 'agent' || principal.roles.includes('agent');
  return isAgent ? <SponsorPart principal={principal} /> : <SamePersonPart principal={principal} />;
}

function SamePersonPart({ principal }: { readonly principal: KnownPrincipalView }) {
  const { samePersonAs } = principal;
  const [asked, setAsked] = useState<'nothing' | 'join' | 'leave'>('nothing');
  const mayChange = useMay('principal.write');
  const { principal: words } = texts;
  const close = () => setAsked('nothing');
  const acts = (
    <>
      <Button onClick={() => setAsked('join')}>{words.join}</Button>
      {samePersonAs.length === 0 ? null : <Button onClick={() => setAsked('leave')}>{words.leave}</Button>}
    </>
  );
  return (
    <Section title={words.person} acts={mayChange ? acts : null}>
      {samePersonAs.length === 0 ? (
        <p className="soft">{words.alone}</p>
      ) : (
        <>
          <p>{words.samePerson}</p>
          <ul>
            {samePersonAs.map((name) => (
              <li key={name}>
                <PrincipalLink name={name} />
              </li>
            ))}
          </ul>
        </>
      )}
      {asked === 'join' ? <JoinDialog principal={principal} onClose={close} /> : null}
      {asked === 'leave' ? <LeaveDialog principal={principal} onClose={close} /> : null}
    </Section>
  );
}

function SponsorPart({ principal }: { readonly principal: KnownPrincipalView }) {
  const [isChanging, setChanging] = useState(false);
  const mayChange = useMay('principal.write');
  const { principal: words } = texts;
  return (
    <Section
      title={words.sponsor}
      acts={mayChange ? <Button onClick={() => setChanging(true)}>{texts.common.change}</Button> : null}
    >
      <p>
        {principal.sponsor === null ? (
          <span className="soft">{words.sponsorNone}</span>
        ) : (
          <PrincipalLink name={principal.sponsor} />
        )}
      </p>
      {isChanging ? <SponsorDialog principal={principal} onClose={() => setChanging(false)} /> : null}
    </Section>
  );
}
