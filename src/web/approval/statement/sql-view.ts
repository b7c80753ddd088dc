import type { ApprovalView, ExcerptView } from '../../../contracts/approvals/approval.js';

/** What protocols of relational databases add to an approval. The API's description has it under `Mysql…`. */
export interface SqlTable {
  readonly database: string | null;
  readonly table: string;
  readonly action: string;
  readonly by: string;
}

export interface SqlExcerpt extends ExcerptView {
  readonly tables: readonly SqlTable[];
  readonly tablesMore: number;
}

interface BoundValue {
  readonly type?: string;
  readonly unsigned?: true;
  readonly shown: string;
}

export type TokenKind = 'keyword' | 'table' | 'string' | 'number' | 'comment' | 'hidden';
export type TokenRange = readonly [start: number, end: number, kind: TokenKind];

export interface SqlTextParts {
  readonly tokens: readonly TokenRange[];
  readonly whereParts: readonly (readonly [number, number])[];
  readonly isRead: boolean;
}

export type Operation = NonNullable<ApprovalView['statement']>;

export interface SqlOperation extends Operation {
  readonly values: readonly BoundValue[] | null;
  readonly bulk: { readonly rowCount: number; readonly rows: readonly (readonly BoundValue[])[] } | null;
  readonly facts: {
    readonly kind: string;
    readonly action: string;
    readonly where: 'none' | 'constant' | 'column';
    readonly notUnderstood: string | null;
    readonly triggers: readonly string[];
  };
  readonly highlight: SqlTextParts | null;
}

export type AfterValue =
  | { readonly by: 'statement'; readonly value: string | null }
  | { readonly by: 'database'; readonly why: string };

export type ReadyPreview = Extract<ApprovalView['preview'], { state: 'ready' }>;

export interface SqlPreview extends ReadyPreview {
  readonly tables: readonly {
    readonly database: string;
    readonly table: string;
    readonly rows: number | null;
    readonly estimated: boolean;
    readonly isWritten: boolean;
  }[];
  readonly triggers: readonly string[];
  readonly cascades: readonly string[];
  readonly locks: {
    readonly held: readonly string[];
    readonly waiting: number | null;
    readonly waiters: readonly string[];
  } | null;
  readonly sample: {
    readonly columns: readonly string[];
    readonly rows: readonly (readonly (string | null)[])[];
    readonly changed: readonly string[];
    readonly after: readonly (AfterValue | null)[];
  } | null;
  readonly assigned:
    | readonly {
        readonly database: string;
        readonly table: string;
        readonly column: string;
        readonly after: AfterValue;
      }[]
    | null;
}

export interface SqlAccess {
  readonly database?: string;
  readonly tables?: readonly string[];
  readonly privileges?: readonly string[];
}

/** Undefined for a protocol that is none of SQL: then only what every protocol has is shown. */
export function sqlExcerptOf(excerpt: ExcerptView | null): SqlExcerpt | undefined {
  return excerpt !== null && Array.isArray(excerpt['tables']) ? (excerpt as SqlExcerpt) : undefined;
}

export function sqlOperationOf(operation: Operation | null): SqlOperation | undefined {
  return operation !== null && typeof operation['facts'] === 'object' ? (operation as SqlOperation) : undefined;
}

export function sqlPreviewOf(preview: ApprovalView['preview']): SqlPreview | undefined {
  return preview.state === 'ready' && Array.isArray(preview['tables']) ? (preview as SqlPreview) : undefined;
}
