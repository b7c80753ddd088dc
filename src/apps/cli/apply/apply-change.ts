import type { ApiClient } from '../../../client/api-client.js';
import type { ApplyDocument, KindDocument } from './apply-document.js';
import type { ApplyKind } from './apply-kinds.js';
import type { SourceDocument } from './apply-source.js';

export const CHANGE_ACTIONS = ['create', 'change', 'delete', 'keep'] as const;
export type ChangeAction = (typeof CHANGE_ACTIONS)[number];

/** What has to be done so that the broker has what a document says. */
export interface ApplyChange {
  readonly kind: ApplyKind;
  readonly name: string;
  readonly action: ChangeAction;
  /** Of the document; null for a deletion. */
  readonly place: string | null;
  /** As text without secrets, a policy as it stands and all else as YAML; empty where there is nothing. */
  readonly before: string;
  readonly after: string;
  /** What the difference cannot show: a secret that is sent, a warning of the broker. */
  readonly notes: readonly string[];
  /** Does it; refused where somebody else has changed it meanwhile and the API can tell. @throws ApiFailure */
  readonly run: () => Promise<void>;
}

/** A document with where it stands. */
export interface PlacedDocument<K extends ApplyKind> {
  readonly document: KindDocument<K>;
  readonly place: string;
  readonly folder: string;
}

/** What the changes of a kind are planned by. */
export interface ApplyScene {
  readonly api: ApiClient;
  readonly env: NodeJS.ProcessEnv;
  /** Nothing will be done: no secret is read. */
  readonly dryRun: boolean;
  /** What is there and has no document is deleted. */
  readonly prune: boolean;
  /** Secrets are sent where nothing else changes, too. */
  readonly secrets: boolean;
  /** Why, for the administrative record. */
  readonly reason: string | undefined;
}

/** The reason as a part of a body or a query. */
export function reasonIn({ reason }: ApplyScene): { readonly reason?: string } {
  return reason === undefined ? {} : { reason };
}

/** How a kind of documents is compared with what is there. */
export interface ApplyPlanner {
  plan(sources: readonly SourceDocument[], scene: ApplyScene): Promise<readonly ApplyChange[]>;
  /** What is there, as documents. */
  documents(api: ApiClient): Promise<readonly { readonly name: string; readonly spec: object }[]>;
}

/** Those of the documents that are of a kind. */
export function documentsOfKind<K extends ApplyKind>(
  kind: K,
  sources: readonly SourceDocument[],
): readonly PlacedDocument<K>[] {
  const isOfKind = (document: ApplyDocument): document is KindDocument<K> => document.kind === kind;
  return sources.flatMap(({ document, ...around }) => (isOfKind(document) ? [{ document, ...around }] : []));
}
