import type { RecordEntryView } from '../../contracts/broker/admin-record.js';
import { useMay } from '../api/me.js';
import { Shown } from '../parts/said/shown.js';
import { PrincipalLink } from '../people/principal-link.js';
import { texts } from '../texts/en.js';

/** Who did it, through what, and who answers for them. */
export function EntryWho({ who, act }: { readonly who: RecordEntryView['who']; readonly act: string }) {
  const { name, principal, sponsor, signIn } = who;
  const mayLook = useMay('principal.read');
  const { record: words } = texts;
  const isClaim = principal === null && name !== null; // nobody has proved it
  return (
    <span>
      {name === null && signIn === null ? (
        <span className="soft">{isRefusal(act) ? texts.common.unknown : words.system}</span>
      ) : null}
      {isClaim ? <span className="soft">{words.claimed} </span> : null}
      {name === null ? null : principal !== null && mayLook ? <PrincipalLink name={name} /> : <Shown text={name} />}
      {signIn === null ? null : (
        <span className="entry-second">
          <Shown text={signInWords(signIn)} />
        </span>
      )}
      {sponsor === null ? null : (
        <span className="entry-second">
          <Shown text={(sponsor.isClaim ? words.sponsorClaim : words.sponsor)(sponsor.name)} />
        </span>
      )}
    </span>
  );
}

function isRefusal(act: string): boolean {
  return act.endsWith('.refused');
}

function signInWords(signIn: string): string {
  const { by } = texts.record;
  const [way, detail] = [signIn.split(':', 1)[0] ?? '', signIn.slice(signIn.indexOf(':') + 1)];
  if (signIn === 'command-line') return by['command-line'];
  if (signIn === 'session:link') return by.link;
  if (way === 'api-key' || way === 'token' || way === 'session' || way === 'device') return by[way](detail);
  return signIn;
}
