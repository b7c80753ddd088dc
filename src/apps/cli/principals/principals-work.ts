import { type ApiClient, formView } from '../../../client/api-client.js';
import type { KnownPrincipalView } from '../../../contracts/identity/principal.js';
import type { PrincipalKind, Role } from '../../../domain/principal.js';
import { apiOf } from '../api-option.js';
import { OPERATOR_ANSWER_FORMS } from '../operator-answers.forms.js';
import type { AnswerOptions } from '../terminal/api-command.js';
import { runCommand } from '../terminal/conventions.js';
import { fieldLines } from '../terminal/field-lines.js';
import { emptyText, type ListOptions, queryOf, readPages, tellOfMore } from '../terminal/list-pages.js';
import { secondsOf } from '../terminal/past-time.js';
import { printAnswer } from '../terminal/print-answer.js';
import { screenTable } from '../terminal/screen-table.js';

export interface PrincipalListOptions extends ListOptions {
  readonly text?: string;
  readonly kind?: PrincipalKind;
  readonly role?: Role;
  readonly group?: string;
  readonly provider?: string;
  readonly state?: 'enabled' | 'disabled';
}

export async function list(options: PrincipalListOptions): Promise<void> {
  await run(options, async (api) => {
    const { text, kind, role, group, provider, state } = options;
    const query = queryOf({ text, kind, role, group, provider, state });
    const { items, next } = await readPages(
      api,
      { path: '/v1/principals', query, page: formView(OPERATOR_ANSWER_FORMS.principals) },
      options,
    );
    const hint = 'Make one with: doorwarden keys create';
    printAnswer(options, { items, next }, () =>
      items.length === 0 ? emptyText('principal', query, hint) : principalTable(items),
    );
    if (options.json !== true) tellOfMore({ items, next });
  });
}

function principalTable(principals: readonly KnownPrincipalView[]): string {
  const rows = principals.map((principal) => [
    principal.name,
    principal.kind,
    principal.roles.join(', '),
    groupsOf(principal),
    principal.provider,
    principal.disabledAt === null ? 'enabled' : 'disabled',
    String(principal.keys),
    secondsOf(principal.signedInAt),
  ]);
  return screenTable(['name', 'kind', 'roles', 'groups', 'provider', 'state', 'keys', 'signed in at'], rows);
}

export async function show(name: string, options: AnswerOptions): Promise<void> {
  await run(options, async (api) => {
    const principal = await api.get(
      `/v1/principals/${encodeURIComponent(name)}`,
      formView(OPERATOR_ANSWER_FORMS.principal),
    );
    printAnswer(options, principal, () => principalText(principal));
  });
}

function principalText(principal: KnownPrincipalView): string {
  const { disabledAt } = principal;
  return fieldLines([
    ['name', principal.name],
    ['id', principal.id],
    ['kind', principal.kind],
    ['roles', principal.roles.join(', ')],
    ['groups', groupsOf(principal)],
    ['provider', principal.provider],
    ['e-mail', principal.email],
    ['calls itself', principal.displayName],
    ['same person as', principal.samePersonAs.join(', ')],
    ['alike', principal.alike.join(', ')],
    ['sponsor', principal.sponsor],
    ['keys that work', String(principal.keys)],
    ['signed in at', secondsOf(principal.signedInAt)],
    ['made at', secondsOf(principal.createdAt)],
    ['state', disabledAt === null ? 'enabled' : `disabled at ${secondsOf(disabledAt)}`],
  ]);
}

function groupsOf({ groups, mappedGroups }: KnownPrincipalView): string {
  return [...new Set([...groups, ...mappedGroups])].join(', ');
}

async function run(options: AnswerOptions, work: (api: ApiClient) => Promise<void>): Promise<void> {
  await runCommand('principals', () => work(apiOf(options, process.env)));
}
