import { shownLine } from '../../../domain/visible-text.js';
import type { ApprovalViews } from '../../../protocol/approval-views.js';
import { storedStatement } from '../../sql/approval-schema.js';
import { SQL_APPROVALS, shownValue } from '../../sql/approval-views.js';
import { sqlDigest } from '../../sql/asked-digest.js';
import { fingerprintOf } from '../sql/shape/fingerprint.js';
import { type ComparedText, difference } from './difference.js';
import { highlight } from './highlight.js';
import { dialectIn } from './stored-dialect.js';

/** Statements of MySQL and MariaDB, for those who decide: as of every database, and read by our own lexer. */
export const MYSQL_APPROVALS: ApprovalViews = {
  ...SQL_APPROVALS,
  digest: sqlDigest,
  operation(question) {
    const { text, facts } = storedStatement.parse(question);
    const dialect = dialectIn(question);
    const tables = facts.tables.flatMap(({ table, by }) => (by === 'text' ? [table] : []));
    return {
      ...SQL_APPROVALS.operation(question),
      highlight: dialect === undefined ? null : highlight(text, dialect, tables),
    };
  },
  shape(question) {
    const { text } = storedStatement.parse(question);
    const dialect = dialectIn(question);
    const fingerprint = dialect && fingerprintOf(Buffer.from(text), dialect);
    return fingerprint === undefined ? null : shownLine(fingerprint);
  },
  difference(question, earlier) {
    const [now, before] = [comparedText(question), comparedText(earlier)];
    return now === undefined || before === undefined ? null : difference(now, before);
  },
};

function comparedText(question: object): ComparedText | undefined {
  const { text, values } = storedStatement.parse(question);
  const dialect = dialectIn(question);
  return dialect && { text, dialect, values: (values ?? []).map(shownValue) };
}
