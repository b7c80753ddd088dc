import { claimOf, textsOf } from './claim-path.js';
import { type VerifiedIdentity } from './verified-identity.js';

/** `lower` writes capital letters small; `spiffe` takes a SPIFFE id without its `spiffe://`. */
export const TEMPLATE_FILTERS = ['lower', 'spiffe'] as const;
export type TemplateFilter = (typeof TEMPLATE_FILTERS)[number];

/** What a template's text says: literals, and claims whose values stand in their places. */
export type TemplatePart =
  | { readonly literal: string }
  | { readonly claim: string; readonly filters: readonly TemplateFilter[] };

/** What a template became for one identity; a failure names the claim it is about. */
export type TemplateOutcome = { readonly text: string } | { readonly why: TemplateFault; readonly claim: string };

/** Why a claim cannot stand in a name. */
export const TEMPLATE_FAULTS = [
  'claim_missing',
  'claim_not_text',
  'claim_many',
  'claim_empty',
  'claim_no_spiffe_id',
] as const;
export type TemplateFault = (typeof TEMPLATE_FAULTS)[number];

const PART = /\{(?<claim>[^{}|]+)(?<filters>(?:\|[a-z]+)*)\}|(?<literal>[^{}]+)/y;
const SPIFFE = 'spiffe://';

/** The parts of a template: text with `{claim}`, `{claim|lower}` or `{claim|spiffe}`; undefined when it is none. */
export function templateParts(text: string): readonly TemplatePart[] | undefined {
  const parts: TemplatePart[] = [];
  for (let at = 0; at < text.length; at = PART.lastIndex) {
    PART.lastIndex = at;
    const groups = PART.exec(text)?.groups;
    if (groups === undefined) return undefined;
    const { claim, filters = '', literal = '' } = groups;
    const names = filters.split('|').filter((name) => name !== '');
    if (!names.every(isFilter)) return undefined;
    parts.push(claim === undefined ? { literal } : { claim, filters: names });
  }
  return parts;
}

/** One text out of all parts. Each claim must have one value that is not empty. */
export function fillTemplate(parts: readonly TemplatePart[], identity: VerifiedIdentity): TemplateOutcome {
  let text = '';
  for (const part of parts) {
    if ('literal' in part) {
      text += part.literal;
      continue;
    }
    const filled = filledClaim(part.claim, part.filters, identity);
    if ('why' in filled) return filled;
    text += filled.text;
  }
  return { text };
}

function filledClaim(claim: string, filters: readonly TemplateFilter[], identity: VerifiedIdentity): TemplateOutcome {
  const value = claimOf(identity, claim);
  if (value === undefined || value === null) return { why: 'claim_missing', claim };
  const texts = textsOf(value);
  if (texts.length > 1) return { why: 'claim_many', claim };
  if (texts.length === 0) return { why: 'claim_empty', claim };
  const [text] = texts;
  if (text === undefined) return { why: 'claim_not_text', claim };
  const filtered = filteredText(text, filters);
  if (filtered === undefined) return { why: 'claim_no_spiffe_id', claim };
  return filtered === '' ? { why: 'claim_empty', claim } : { text: filtered };
}

/** Undefined when a SPIFFE id was wanted and this is none. */
export function filteredText(text: string, filters: readonly TemplateFilter[]): string | undefined {
  let filtered = text;
  for (const filter of filters) {
    // Only A-Z: for some other letters `toLowerCase` gives one of a-z, and two identities would share a name.
    if (filter === 'lower') filtered = filtered.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
    else if (filtered.startsWith(SPIFFE)) filtered = filtered.slice(SPIFFE.length);
    else return undefined;
  }
  return filtered;
}

function isFilter(name: string): name is TemplateFilter {
  return TEMPLATE_FILTERS.some((filter) => filter === name);
}
