import { Injectable } from '@nestjs/common';
import type { ApprovalView } from '../../contracts/approvals/approval.js';
import { shownLines } from '../../domain/visible-text.js';
import { parsePolicies, type ParsedPolicy } from '../../policy/policy-parse.js';
import { policyVersionOf } from '../../policy/policy-set.js';
import type { ApprovalRow } from '../../persistence/entities/approvals/approval.js';
import type { PolicyVersionRow } from '../../persistence/entities/policy.js';
import { PolicyRepository } from '../../persistence/policies/policy.repository.js';

type PolicyTextView = NonNullable<ApprovalView['policyTexts']>[number];

/** Gateways judge by a revision that may be a few ones back, and clocks differ a little. */
const REVISIONS_LOOKED_AT = 8;
const CLOCKS_MS_MAX = 60_000;
/** Versions that are remembered: questions of one moment were nearly all asked by one. */
const REMEMBERED_MAX = 8;

interface KnownText {
  readonly revision: number;
  readonly policies: readonly ParsedPolicy[];
  readonly text: string;
}

/** By the names of the policies. */
type KnownTexts = ReadonlyMap<string, KnownText>;

/** The texts of policies as they were when they had people asked. */
@Injectable()
export class PolicyTexts {
  readonly #remembered = new Map<string, KnownTexts>();

  constructor(private readonly policies: PolicyRepository) {}

  /** Null where nobody can tell which texts were in force. */
  async of({ question, summary, askedAtMs }: ApprovalRow): Promise<readonly PolicyTextView[] | null> {
    const version = question.kind === 'statement' ? question.policyVersion : undefined;
    const texts = await this.#textsOf(version, askedAtMs);
    if (texts === undefined) return null;
    const shown: PolicyTextView[] = [];
    for (const id of summary.policies) {
      const name = id.slice(0, id.indexOf('#'));
      const known = texts.get(name);
      const found = known?.policies.find((policy) => policy.id === id);
      if (known === undefined || found === undefined) return null;
      const now = await this.policies.find(name);
      const { revision, text } = known;
      shown.push({
        policy: id,
        name,
        revision,
        line: found.line,
        text: shownLines(found.text),
        isInForce: now?.text === text,
      });
    }
    return shown;
  }

  async #textsOf(version: string | undefined, askedAtMs: number): Promise<KnownTexts | undefined> {
    const remembered = version === undefined ? undefined : this.#remembered.get(version);
    if (remembered !== undefined) return remembered;
    const untilMs = askedAtMs + (version === undefined ? 0 : CLOCKS_MS_MAX);
    const revisions = await this.policies.revisionsUntil(untilMs, version === undefined ? 1 : REVISIONS_LOOKED_AT);
    for (const { revision } of revisions) {
      const rows = textsIn(await this.policies.at(revision));
      if (version !== undefined && policyVersionOf(rows) !== version) continue;
      return this.#remember(policyVersionOf(rows), knownTextsOf(rows));
    }
    return undefined;
  }

  #remember(version: string, texts: KnownTexts): KnownTexts {
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined && this.#remembered.size >= REMEMBERED_MAX) this.#remembered.delete(oldest);
    this.#remembered.set(version, texts);
    return texts;
  }
}

type TextRow = Pick<PolicyVersionRow, 'name' | 'revision'> & { readonly text: string };

function textsIn(rows: readonly PolicyVersionRow[]): readonly TextRow[] {
  return rows.flatMap(({ name, revision, text }) => (text === null ? [] : [{ name, revision, text }]));
}

function knownTextsOf(rows: readonly TextRow[]): KnownTexts {
  return new Map(
    rows.map(({ name, revision, text }) => [name, { revision, text, policies: parsePolicies({ name, text }) }]),
  );
}
