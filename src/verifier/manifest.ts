import { anyTextOf, bytesOf, equalBytes } from './bytes.js';
import * as shape from './shape.js';
import { fail, type KeptDamage } from './verdict.js';

export interface SealedBytes {
  readonly bytes: number;
  readonly sha256: string;
}

export interface SealedSegment extends SealedBytes {
  readonly number: number;
  readonly name: string;
  readonly rawBytes: number;
  readonly rawSha256: string;
}

/** What the manifest says of all lines. */
export interface SealedLines extends SealedBytes {
  readonly count: number;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly lastHash: string;
  readonly merkleRoot: string;
}

export interface SealedFrames extends SealedBytes {
  readonly count: number;
  readonly indexSha256: string;
}

/** What the seal says about a recording, of either container. */
export interface Manifest {
  readonly container: 1 | 2;
  readonly grant: string;
  readonly keyId: string;
  readonly lines: SealedLines;
  readonly frames: SealedFrames | undefined;
  readonly segments: readonly SealedSegment[];
  readonly operations: number;
  readonly sessions: number;
  readonly damage: (KeptDamage & { readonly parts: readonly (SealedBytes & { readonly name: string })[] }) | null;
  /** What is repeated from the first entry and the last. */
  readonly repeated: shape.Fields;
}

const { inOrder, text, count, ordinal, time, sha256, flag, nothing, listOf, orNull, is } = shape;

const lines = {
  count: ordinal,
  bytes: ordinal,
  sha256,
  firstAt: time,
  lastAt: time,
  lastHash: sha256,
  merkleRoot: sha256,
};
const frames = inOrder({ count: ordinal, bytes: ordinal, sha256, indexSha256: sha256 });
const segment = inOrder({ number: ordinal, name: text, bytes: count, sha256, rawBytes: count, rawSha256: sha256 });
const part = inOrder({ name: text, file: text, at: count, bytes: ordinal, sha256 });
const about = {
  grant: text,
  principal: inOrder({ id: text, name: text, kind: text }),
  task: inOrder({ title: text, reference: text }, ['reference']),
  target: inOrder({ id: text, name: text, protocol: text, flavour: text, version: text }, ['protocol']),
};
const ending = {
  sessions: count,
  closeReason: is('completed', 'expired', 'revoked', 'drained', 'failed'),
  interrupted: flag,
  tornBytes: count,
  damage: orNull(inOrder({ where: text, what: text, parts: listOf(part, 1) })),
  reconciliation: nothing,
  sealedAt: time,
  keyId: text,
  logOfSeals: nothing,
};

const CONTAINER_1 = 'doorwarden-recording/1';
const CONTAINER_2 = 'doorwarden-recording/2';

const manifest1 = inOrder({
  format: is(CONTAINER_1),
  ...about,
  entries: inOrder(lines),
  segments: listOf(segment),
  statements: count,
  ...ending,
});
const manifest2 = inOrder({
  format: is(CONTAINER_2),
  ...about,
  entries: inOrder({ ...lines, frames }),
  segments: listOf(segment),
  operations: count,
  ...ending,
});

/** A manifest as it stands, once its shape was looked at. */
interface WrittenManifest extends shape.Fields {
  readonly format: typeof CONTAINER_1 | typeof CONTAINER_2;
  readonly grant: string;
  readonly entries: SealedLines & { readonly frames?: SealedFrames };
  readonly segments: readonly SealedSegment[];
  readonly statements?: number;
  readonly operations?: number;
  readonly sessions: number;
  readonly damage: {
    readonly where: string;
    readonly what: string;
    readonly parts: readonly (SealedBytes & { readonly name: string })[];
  } | null;
  readonly keyId: string;
}

/** Reads a manifest that is in its one form. Throws `NotHolding`. */
export function readManifest(bytes: Uint8Array): Manifest {
  const json = jsonOf(bytes);
  const wrong = wrongShape(json);
  if (wrong !== undefined && !wrong.endsWith(shape.OUT_OF_ORDER)) {
    fail('manifest', `It does not fit the format (${wrong === '' ? 'it is no object' : wrong}).`);
  }
  const isCanonical = wrong === undefined && equalBytes(bytesOf(`${JSON.stringify(json, null, 2)}\n`), bytes);
  if (!isCanonical || !isWritten(json)) return fail('manifest', 'It is not in the canonical form.');
  return manifestOf(json);
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(anyTextOf(bytes));
  } catch {
    return fail('manifest', 'It is not JSON.');
  }
}

function wrongShape(json: unknown): string | undefined {
  const format = shape.isFields(json) ? json['format'] : undefined;
  if (format === CONTAINER_1) return manifest1(json);
  return format === CONTAINER_2 ? manifest2(json) : 'format';
}

function isWritten(json: unknown): json is WrittenManifest {
  return wrongShape(json) === undefined;
}

function manifestOf(written: WrittenManifest): Manifest {
  const { format, grant, entries, segments, sessions, damage, keyId } = written;
  const { frames: sealedFrames, ...sealedLines } = entries;
  const { principal, task, target, closeReason, interrupted } = written;
  return {
    container: format === CONTAINER_1 ? 1 : 2,
    grant,
    keyId,
    lines: sealedLines,
    frames: sealedFrames,
    segments,
    operations: written.operations ?? written.statements ?? 0,
    sessions,
    damage: damage === null ? null : { ...damage, bytes: damage.parts.reduce((sum, { bytes }) => sum + bytes, 0) },
    repeated: { grant, principal, task, target, closeReason, interrupted },
  };
}
