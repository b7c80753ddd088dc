import type { Permission } from '../../../domain/principal.js';
import type { Caller } from '../../http/access.js';
import { html } from '../../http/html.js';
import type { PlainPage } from './page.js';

/** What somebody can look at here, as the API gives it, by the permission that it takes. */
const PLACES: readonly { readonly path: string; readonly name: string; readonly permission: Permission | null }[] = [
  { path: '/v1/me', name: 'Who you are here, and what you may do', permission: null },
  { path: '/v1/me/sessions', name: 'Where you are signed in', permission: null },
  {
    path: '/v1/approvals?state=pending&decidable=true',
    name: 'Questions that wait for you',
    permission: 'approval.decide',
  },
  { path: '/v1/grants', name: 'Grants', permission: 'grant.read' },
  { path: '/v1/recordings', name: 'Recordings', permission: 'recording.read' },
  { path: '/v1/record', name: 'The administrative record', permission: 'record.read' },
  { path: '/v1/targets', name: 'Targets', permission: 'target.list' },
  { path: '/v1/policies', name: 'Policies', permission: 'policy.read' },
  { path: '/v1/identity-providers', name: 'Identity providers', permission: 'provider.read' },
  { path: '/docs', name: 'The description of the API', permission: null },
];

/** The first page of somebody who is signed in, where the web page was not built. */
export function homePage({ name, roles, groups, permissions }: Caller): PlainPage {
  const places = PLACES.filter(({ permission }) => permission === null || permissions.has(permission));
  return {
    title: 'Signed in',
    body: html`<p>You are signed in as <strong>${name}</strong>.</p>
      <dl>
        <dt>Roles</dt>
        <dd>${roles.length === 0 ? 'none' : roles.join(', ')}</dd>
        <dt>Groups</dt>
        <dd>${groups.length === 0 ? 'none' : groups.join(', ')}</dd>
      </dl>
      <ul>
        ${places.map((place) => html`<li><a href="${place.path}">${place.name}</a></li>`)}
      </ul>
      <form method="post" action="/auth/sign-out">
        <p><button class="way" type="submit">Sign out</button></p>
      </form>`,
  };
}
