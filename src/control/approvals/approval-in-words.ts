import type { ApprovalView } from '../../contracts/approvals/approval.js';
import { spanText } from '../../contracts/shown/number-text.js';
import type { Headline } from '../../domain/headline.js';
import { shownLine } from '../../domain/visible-text.js';
import type { ApprovalSummary, ApprovalRow } from '../../persistence/entities/approvals/approval.js';
import type { AskedParts } from '../../protocol/approval-views.js';
import { seesRows } from './sees-rows.js';
import type { Look } from './look.js';

const MS_PER_SECOND = 1_000;
const NOTHING: ApprovalView['digest'] = { values: [], operation: [], preview: [], sample: null };

type AskedRow = Pick<ApprovalRow, 'kind' | 'protocol' | 'targetName' | 'summary'>;

/** The broker's sentence about a question, by what lists have of it. */
export function headlineOf(row: AskedRow, look: Look): ApprovalView['headline'] {
  return sentence(row, look, { question: null, preview: null, affected: row.summary.affected ?? null });
}

/** The same by all that there is; of a grant, for how long. */
export function fullHeadlineOf(row: ApprovalRow, look: Look): ApprovalView['headline'] {
  const { question, preview } = row;
  if (question.kind === 'grant') {
    return { ...grantHeadline(row), amount: `for ${spanText(question.ttlSeconds * MS_PER_SECOND)}` };
  }
  return sentence(row, look, { question, preview, affected: preview?.affected ?? null });
}

/** What else is known of a question, in words: of what the viewer is shown of it. */
export function digestOf(
  { question, protocol: name, summary }: ApprovalRow,
  { protocols }: Look,
  { statement, preview }: Pick<ApprovalView, 'statement' | 'preview'>,
): ApprovalView['digest'] {
  const protocol = protocols.find(name);
  if (protocol === undefined) return NOTHING;
  if (question.kind === 'grant') {
    const operation = question.access.map((rule) => ['access', shownLine(protocol.grants.inWords(rule))] as const);
    return { ...NOTHING, operation };
  }
  if (summary.statementKind === null) return NOTHING;
  return protocol.approvals.digest({
    kind: summary.statementKind,
    operation: statement,
    preview: preview.state === 'ready' ? preview : null,
  });
}

type Known = Pick<AskedParts, 'question' | 'preview' | 'affected'>;

function sentence(row: AskedRow, look: Look, known: Known): Headline {
  if (row.kind === 'grant') return grantHeadline(row);
  const views = look.protocols.find(row.protocol)?.approvals;
  const parts = partsOf(row.summary, look, known);
  const target = shownLine(row.targetName);
  if (views === undefined || parts === undefined) {
    const dangers = ['notUnderstood' as const];
    return { verb: 'OPERATION', place: target, amount: null, isExact: false, dangers };
  }
  return views.headline(parts, target);
}

/** Without what a viewer may not see; undefined where nothing is kept of what it is. */
function partsOf(summary: ApprovalSummary, { viewer }: Look, known: Known): AskedParts | undefined {
  const { statementKind: kind, action } = summary;
  if (kind === null || action === null) return undefined;
  const seen = seesRows(viewer) ? known : { question: known.question, preview: null, affected: null };
  return { kind, action, summary: { ...summary }, ...seen };
}

function grantHeadline({ targetName }: AskedRow): Headline {
  return { verb: 'GRANT', place: shownLine(targetName), amount: null, isExact: false, dangers: [] };
}
