import { useMay, useMe } from '../api/me.js';
import { PageHead } from '../parts/page-head.js';
import { ApiKeys } from '../people/api-keys.js';
import { Sessions } from '../people/sessions.js';
import { texts } from '../texts/en.js';
import { Choosing } from './choosing.js';
import { NoticesPart } from './notices-part.js';
import { MayDo } from './may-do.js';
import { SlackLink } from './slack-link.js';
import { WhoIAm } from './who-i-am.js';

/** Who is signed in, what they may do, where they are signed in, and what they have chosen for this browser. */
export function MePage() {
  const { principal } = useMe();
  const [hasSessions, mayMakeKeys] = [useMay('session.own'), useMay('key.make')];
  const decides = useMay('approval.decide');
  return (
    <>
      <PageHead title={texts.shell.me} />
      <WhoIAm />
      <MayDo />
      <SlackLink />
      {hasSessions ? <Sessions title={texts.me.sessions} path="/v1/me/sessions" mayEnd areOwn /> : null}
      {mayMakeKeys ? (
        <ApiKeys
          title={texts.me.apiKeys}
          hint={texts.me.noApiKeys}
          owner={principal.name}
          path="/v1/me/keys"
          mayMake
          mayRevoke
        />
      ) : null}
      {decides ? <NoticesPart /> : null}
      <Choosing />
    </>
  );
}
