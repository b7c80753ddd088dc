/** What is tried, as it stands in the form. */
export interface TrialDraft {
  readonly kind: 'statement' | 'grant';
  readonly target: string;
  /** Empty: the one who tries. */
  readonly principal: string;
  readonly database: string;
  readonly inTransaction: boolean;
  readonly statement: string;
  readonly ttlSeconds: string;
  readonly tables: string;
  readonly privileges: string;
}

export const EMPTY_TRIAL: TrialDraft = {
  kind: 'statement',
  target: '',
  principal: '',
  database: '',
  inTransaction: false,
  statement: '',
  ttlSeconds: '600',
  tables: '',
  privileges: '',
};

/** A text that is not in force. */
interface TriedText {
  readonly name: string;
  readonly text: string;
}

/** What the API is sent; it says what is wrong with it. */
export function trialOf(draft: TrialDraft, tried: TriedText | undefined): object {
  const { kind, target, principal, database, inTransaction, statement } = draft;
  return {
    target,
    ...(principal.trim() === '' ? {} : { principal: principal.trim() }),
    ...(tried === undefined ? {} : { draft: tried }),
    ...(kind === 'grant'
      ? { grantRequest: grantRequestOf(draft) }
      : { statement, inTransaction, ...(database === '' ? {} : { database }) }),
  };
}

function grantRequestOf({ ttlSeconds, database, tables, privileges }: TrialDraft): object {
  const [asked, named] = [listIn(privileges), listIn(tables)];
  const rule = {
    database,
    ...(named.length === 0 ? {} : { tables: named }),
    privileges: asked.length === 0 ? 'ALL' : asked.map((privilege) => privilege.toUpperCase()),
  };
  return { ttlSeconds: Number(ttlSeconds), ...(database === '' ? {} : { access: [rule] }) };
}

function listIn(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
