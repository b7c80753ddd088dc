import type { CloseReason } from '../../domain/grant.js';
import type { Verdict } from '../../domain/verdict.js';
import type { BulkField, ValueField, TextField } from './bulk-rows.js';
import type {
  ApprovalAsked,
  ApprovalDecided,
  BytesReference,
  ChainFields,
  ClientAddress,
  GrantClosing,
  GrantOpened,
  SessionClosed,
  SessionRefused,
  Timestamp,
} from '../entries/entries.js';

/**
 * The lines of format 1, which versions up to 0.1.0 wrote, all of them of MySQL and MariaDB. They verify and replay for
 * ever, so nothing here changes. docs/recording-format-1.md is the specification.
 */

export interface GrantOpenedLine {
  readonly type: 'grant.opened';
  readonly format: 1;
  readonly grant: string;
  readonly principal: GrantOpened['principal'];
  readonly task: GrantOpened['task'];
  readonly target: Omit<GrantOpened['target'], 'protocol'>;
  readonly taskAccount: string | null;
  readonly access: readonly {
    readonly database: string;
    readonly tables?: readonly string[];
    readonly privileges: readonly string[];
  }[];
  readonly deadline: Timestamp;
  readonly policyVersion: string | null;
  readonly gateway: string;
}

export interface SessionOpenedLine {
  readonly type: 'session.opened';
  readonly session: number;
  readonly client: ClientAddress;
  readonly tls: { readonly version: string; readonly cipher: string } | null;
  readonly capabilities: number;
  readonly collation: number;
  readonly database: string | null;
  readonly attributes: Readonly<Record<string, string>>;
  readonly targetThread: number;
}

interface StatementFields {
  readonly type: 'statement';
  readonly session: number;
  readonly statement: number;
  readonly command: 'COM_QUERY' | 'COM_STMT_PREPARE' | 'COM_STMT_EXECUTE' | 'COM_STMT_BULK_EXECUTE';
  readonly database: string | null;
  readonly verdict: Verdict;
  readonly policies: readonly string[];
  readonly fingerprint: string | null;
  readonly prepared?: number;
  readonly values?: readonly ValueField[];
  readonly bulk?: BulkField;
  readonly why?: string;
}

export type StatementLine = StatementFields & TextField;

export interface CommandLine {
  readonly type: 'command';
  readonly session: number;
  readonly command: string;
  readonly argument?: string;
}

export interface CommandRefusedLine {
  readonly type: 'command.refused';
  readonly session: number;
  readonly command: string;
  readonly code: string;
  readonly payloadBytes: number;
  readonly head: string;
}

type ResultPart =
  | {
      readonly kind: 'ok';
      readonly affectedRows: number | string;
      readonly lastInsertId: number | string;
      readonly warnings: number;
    }
  | { readonly kind: 'rows'; readonly columns: number; readonly rows: number; readonly warnings: number };

export interface ResultLine {
  readonly type: 'result';
  readonly session: number;
  readonly statement?: number;
  readonly command: string;
  readonly outcome: 'ok' | 'error' | 'unknown';
  readonly results: readonly ResultPart[];
  readonly error?: { readonly errno: number; readonly sqlState: string; readonly message: string };
  readonly durationUs: number;
  readonly response?: BytesReference;
}

export interface ForwardedLine {
  readonly type: 'forwarded';
  readonly session: number;
  readonly statement: number;
  readonly approval?: string;
  readonly privileges?: readonly string[];
  readonly rowsMax?: number;
}

type OfStatement<Fields extends { readonly operation: number }> = Omit<Fields, 'operation'> & {
  readonly statement: number;
};
export type ApprovalAskedLine = OfStatement<ApprovalAsked>;
export type ApprovalDecidedLine = OfStatement<ApprovalDecided>;

export interface GrantClosedLine {
  readonly type: 'grant.closed';
  readonly reason: CloseReason;
  readonly interrupted: boolean;
  readonly account: {
    readonly state: 'none' | 'gone';
    readonly threadsKilled: number;
    readonly xaRolledBack: readonly string[];
  };
}

export type LineFields =
  | ApprovalAskedLine
  | ApprovalDecidedLine
  | ForwardedLine
  | GrantOpenedLine
  | SessionOpenedLine
  | SessionRefused
  | SessionClosed
  | StatementLine
  | CommandLine
  | CommandRefusedLine
  | ResultLine
  | GrantClosing
  | GrantClosedLine;

export type Line = ChainFields & LineFields;
export type LineType = LineFields['type'];
export type TypedLine<T extends LineType> = Extract<Line, { readonly type: T }>;
