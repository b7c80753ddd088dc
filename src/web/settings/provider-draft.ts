import type { IdentityProviderView } from '../../contracts/identity/identity-provider.js';
import { texts } from '../texts/en.js';
import { linesIn, wordsIn } from '../texts/lists.js';
import { type FieldForm, FIELDS } from './provider-fields.js';

type Kind = IdentityProviderView['kind'];
type Use = IdentityProviderView['for'][number];

/** A provider as it is filled in: each field as a text, ticks as `yes` or empty. */
export interface ProviderDraft {
  readonly kind: Kind;
  readonly uses: readonly Use[];
  readonly values: Readonly<Record<string, string>>;
}

/** What is sent, or what of it cannot be sent, by field. */
export type ReadDraft =
  | { readonly body: Readonly<Record<string, unknown>> }
  | { readonly faults: ReadonlyMap<string, string> };

export function blankDraft(kind: Kind): ProviderDraft {
  return { kind, uses: ['people'], values: {} };
}

/** What is stored, ready to be changed. */
export function draftOf(provider: IdentityProviderView): ProviderDraft {
  const values = FIELDS[provider.kind].map(({ name, form }) => [name, textOf(form, memberOf(provider, name))]);
  return { kind: provider.kind, uses: provider.for, values: Object.fromEntries(values) };
}

/** Fields whose text differs, with both texts. */
export function differencesOf(
  one: ProviderDraft,
  other: ProviderDraft,
): readonly { readonly name: string; readonly one: string; readonly other: string }[] {
  const names = ['for', ...FIELDS[one.kind].filter(({ form }) => form !== 'secret').map(({ name }) => name)];
  return names
    .map((name) => ({ name, one: shownValue(one, name), other: shownValue(other, name) }))
    .filter((row) => row.one.trim() !== row.other.trim());
}

/** The request that the draft makes; what is left empty is left out, so that the broker's own defaults hold. */
export function readDraft({ kind, uses, values }: ProviderDraft): ReadDraft {
  const faults = new Map<string, string>();
  const body: Record<string, unknown> = { kind, for: kind === 'saml' ? ['people'] : [...uses] };
  for (const { name, form } of FIELDS[kind]) {
    const value = valueOf(form, values[name] ?? '');
    if (value === 'fault') faults.set(name, form === 'json' ? texts.provider.notJson : texts.provider.notNumber);
    else if (value !== undefined) put(body, name, value.sent);
  }
  return faults.size > 0 ? { faults } : { body };
}

function shownValue(draft: ProviderDraft, name: string): string {
  return name === 'for' ? draft.uses.join(' ') : (draft.values[name] ?? '');
}

function memberOf(provider: IdentityProviderView, name: string): unknown {
  let value: unknown = provider;
  for (const part of name.split('.')) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined;
  }
  return value;
}

function textOf(form: FieldForm, value: unknown): string {
  if (value === undefined || value === null || form === 'secret') return '';
  if (form === 'check') return value === true ? 'yes' : '';
  if (form === 'json') return Object.keys(value).length === 0 ? '' : JSON.stringify(value, null, 2);
  if (Array.isArray(value)) return value.join(form === 'words' ? ' ' : '\n');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** Undefined: nothing is sent for it. */
function valueOf(form: FieldForm, text: string): { readonly sent: unknown } | 'fault' | undefined {
  const trimmed = text.trim();
  if (form === 'check') return { sent: trimmed !== '' };
  if (trimmed === '') return undefined;
  switch (form) {
    case 'words':
      return { sent: wordsIn(text) };
    case 'lines':
      return { sent: linesIn(text) };
    case 'certificates':
      return { sent: certificatesIn(text) };
    case 'number':
      return /^\d+$/.test(trimmed) ? { sent: Number(trimmed) } : 'fault';
    case 'json':
      return jsonOf(trimmed);
    case 'secret':
      return { sent: text };
    default:
      return { sent: trimmed };
  }
}

function jsonOf(text: string): { readonly sent: unknown } | 'fault' {
  try {
    return { sent: JSON.parse(text) };
  } catch {
    return 'fault';
  }
}

/** Each begins with its own line. */
function certificatesIn(text: string): readonly string[] {
  return text
    .split(/(?=-----BEGIN CERTIFICATE-----)/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function put(body: Record<string, unknown>, name: string, value: unknown): void {
  const [outer = '', inner] = name.split('.');
  if (inner === undefined) {
    body[outer] = value;
    return;
  }
  const held = body[outer];
  body[outer] = { ...(typeof held === 'object' ? held : {}), [inner]: value };
}
