import { trialSubject } from '../../contracts/policies/policy.js';
import type { TargetProtocol } from '../../protocol/target-protocol.js';
import { access, accessRequest } from '../sql/access-schema.js';
import { excerptView, statementPreviewView, askedStatementView } from '../sql/approval-schema.js';
import { factsView } from '../sql/facts-view.js';
import { accessOutlook, SQL_QUESTIONS } from '../sql/policy/sql-questions.js';
import { SQL_VOCABULARY } from '../sql/policy/vocabulary.js';
import { limitsChange, limitsRequest, sqlLimits, SQL_TARGETS } from '../sql/target-rules.js';
import { SQL_TARGET_WORDS } from '../sql/target-words.js';
import { MYSQL_APPROVALS } from './asked/mysql-approvals.js';
import { clientsView } from './clients-view.js';
import { MYSQL_GRANTS } from './grant-rules.js';
import { MYSQL_INDEXED } from './indexed/mysql-indexed.js';
import { MYSQL_RECORDED } from './recorded/recorded.js';
import { putToPolicies, statementTrial, tryStatement } from './statement-trial.js';
import { wireCodeOf } from './wire-codes.js';

/** What MySQL and MariaDB speak. */
export const MYSQL: TargetProtocol = {
  name: 'mysql',
  title: 'MySQL',
  defaultPort: 3306,
  words: SQL_TARGET_WORDS,
  vocabulary: SQL_VOCABULARY,
  recorded: MYSQL_RECORDED,
  indexed: MYSQL_INDEXED,
  targets: SQL_TARGETS,
  grants: MYSQL_GRANTS,
  approvals: MYSQL_APPROVALS,
  policies: { ...SQL_QUESTIONS, trial: tryStatement, again: putToPolicies },
  published: {
    AccessRequest: accessRequest,
    AccessRule: access,
    AccessOutlook: accessOutlook,
    Limits: sqlLimits,
    LimitsRequest: limitsRequest,
    LimitsChange: limitsChange,
    ConnectionClients: clientsView,
    OperationTrial: statementTrial.extend(trialSubject),
    OperationFacts: factsView,
    ApprovalExcerpt: excerptView,
    AskedOperation: askedStatementView,
    ReadyPreview: statementPreviewView,
  },
  wireCode(code) {
    const { errno, sqlState } = wireCodeOf(code);
    return `${errno} (${sqlState})`;
  },
};
