import type { RecordedBulk, RecordedValue, StatementText } from '../../sql/bound-values.js';
import type {
  ChainFields,
  EntryFields,
  Forwarded,
  GrantClosed,
  GrantOpened,
  NoteEntry,
  OperationEntry,
  ResultEntry,
  SessionOpened,
} from '../../../recording/entries/entries.js';

/** What stands under `body` in the entries of a recording of MySQL or MariaDB. */

export interface AccessBody {
  readonly access: readonly {
    readonly database: string;
    /** Absent: every table of the database. */
    readonly tables?: readonly string[];
    readonly privileges: readonly string[];
  }[];
}

export interface SessionBody {
  /** The capability flags that both legs of this session use, needed to decode its responses. */
  readonly capabilities: number;
  readonly collation: number;
  readonly database: string | null;
  readonly attributes: Readonly<Record<string, string>>;
  /** The target's own id of the connection. */
  readonly targetThread: number;
}

/** The names of operations. */
export const STATEMENT_COMMANDS = [
  'COM_QUERY',
  'COM_STMT_PREPARE',
  'COM_STMT_EXECUTE',
  'COM_STMT_BULK_EXECUTE',
] as const;

export type StatementCommand = (typeof STATEMENT_COMMANDS)[number];

export type StatementBody = {
  /** The session's database when the statement was sent, as far as the broker saw it change. */
  readonly database: string | null;
  /** For COM_STMT_EXECUTE and COM_STMT_BULK_EXECUTE: the number of the operation that prepared it. */
  readonly prepared?: number;
  /** For COM_STMT_EXECUTE. */
  readonly values?: readonly RecordedValue[];
  /** For COM_STMT_BULK_EXECUTE. */
  readonly bulk?: RecordedBulk;
} & StatementText;

export interface CommandBody {
  /** The argument of COM_INIT_DB and COM_FIELD_LIST, or the prepared statement's number. */
  readonly argument: string;
}

export interface BoundBody {
  /** It runs in a transaction or savepoint of the gateway's and is rolled back when it changes more rows. */
  readonly rowsMax: number;
}

export type ResultPart =
  | {
      readonly kind: 'ok';
      /** Text beyond 2^53 − 1. */
      readonly affectedRows: number | string;
      readonly lastInsertId: number | string;
      readonly warnings: number;
    }
  | { readonly kind: 'rows'; readonly columns: number; readonly rows: number; readonly warnings: number };

export interface RecordedError {
  readonly errno: number;
  readonly sqlState: string;
  readonly message: string;
}

export interface ResultBody {
  readonly results: readonly ResultPart[];
  readonly error?: RecordedError;
}

export interface TracesBody {
  readonly threadsKilled: number;
  readonly xaRolledBack: readonly string[];
}

export type MysqlOpened = GrantOpened<AccessBody> & { readonly body: AccessBody };
export type MysqlSession = SessionOpened<SessionBody> & { readonly body: SessionBody };
export type StatementEntry = OperationEntry<StatementBody> & { readonly body: StatementBody };
export type CommandEntry = NoteEntry<CommandBody>;
export type StatementForwarded = Forwarded<BoundBody>;
export type CommandResult = ResultEntry<ResultBody> & { readonly body: ResultBody };
export type MysqlClosed = GrantClosed<TracesBody>;

type Bodied =
  | MysqlOpened
  | MysqlSession
  | StatementEntry
  | CommandEntry
  | StatementForwarded
  | CommandResult
  | MysqlClosed;

/** An entry with the body that MySQL gives it. No protocol of ours has streams here. */
export type MysqlFields = Bodied | Exclude<EntryFields, { readonly type: Bodied['type'] | 'stream' }>;
export type MysqlEntry = ChainFields & MysqlFields;
