import { formView } from '../../../client/api-client.js';
import type { MeView } from '../../../contracts/sign-in/session.js';
import { ANSWER_FORMS } from '../answers.forms.js';
import { apiAt } from '../api-option.js';
import { type ApiChoice, apiChoice } from '../profiles/api-choice.js';
import type { AnswerOptions } from '../terminal/api-command.js';
import { runCommand } from '../terminal/conventions.js';
import { fieldLines } from '../terminal/field-lines.js';
import { printAnswer } from '../terminal/print-answer.js';

/** Says who the caller is to the broker. */
export async function whoami(options: AnswerOptions): Promise<void> {
  await runCommand('whoami', async () => {
    const choice = apiChoice(options, process.env);
    const me = await apiAt(choice).get('/v1/me', formView(ANSWER_FORMS.me));
    printAnswer(options, me, () => textOf(me, choice));
  });
}

function textOf({ principal, roles, groups, permissions, signIn, sponsor, limits }: MeView, choice: ApiChoice): string {
  const { session } = limits;
  return fieldLines([
    ['broker', choice.api],
    ['profile', choice.profile],
    ['name', principal.name],
    ['kind', principal.kind],
    ['e-mail address', principal.email],
    ['roles', roles.join(', ') || 'none'],
    ['groups', groups.join(', ') || 'none'],
    ['may', permissions.join(', ')],
    ['signed in by', byText(signIn)],
    ['signed in at', signIn.signedInAt],
    ['ends', session === null ? null : `${session.endsAt} if it is not used, ${session.latestEndsAt} at the latest`],
    ['sponsor', sponsor === null ? null : `${sponsor.name}${sponsor.isClaim ? ', as its token claims' : ''}`],
  ]);
}

function byText({ by, key, provider }: MeView['signIn']): string {
  if (by === 'api-key') return `the API key ${key ?? ''}`;
  if (by === 'token') return `a token of ${provider ?? ''}`;
  return `doorwarden login, let in by somebody of ${provider ?? 'a one-time link'}`;
}
