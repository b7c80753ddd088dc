import { type ApiClient, formView } from '../../../client/api-client.js';
import { ApiFailure } from '../../../client/api-failure.js';
import { ANSWER_FORMS } from '../answers.forms.js';

/** Ends the session that a client comes with; one that has ended already is well. @throws ApiFailure */
export async function endSession(client: ApiClient): Promise<void> {
  try {
    const { signIn } = await client.get('/v1/me', formView(ANSWER_FORMS.me));
    if (signIn.session !== null) await client.delete(`/v1/me/sessions/${signIn.session}`);
  } catch (error) {
    const isOver =
      error instanceof ApiFailure &&
      ['session_ended', 'session_not_found', 'unauthenticated'].includes(error.code ?? '');
    if (!isOver) throw error;
  }
}
