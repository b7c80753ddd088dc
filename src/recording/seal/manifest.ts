import { z } from 'zod';
import type { GrantOpened } from '../entries/entries.js';
import {
  count,
  closeReasonSchema,
  principalSchema,
  sha256Schema,
  taskSchema,
  timestampSchema,
} from '../entries/fields.js';

const segmentSchema = z.strictObject({
  number: z.int().positive(),
  /** The archive member. */
  name: z.string(),
  /** Size and digest of the member, which is one zstd stream. */
  bytes: count,
  sha256: sha256Schema,
  /** Size and digest of what it holds. */
  rawBytes: count,
  rawSha256: sha256Schema,
});

const damagedPartSchema = z.strictObject({
  /** The archive member. */
  name: z.string(),
  /** The file of the live recording that it was the end of, and from which byte on. */
  file: z.string(),
  at: count,
  bytes: z.int().positive(),
  sha256: sha256Schema,
});

/** What was damaged before the recording was closed, and is kept beside the entries that hold. */
export const damageSchema = z.strictObject({
  /** The first thing that did not hold. */
  where: z.string(),
  what: z.string(),
  parts: z.array(damagedPartSchema).min(1),
});

/** Where the lines are of format 1, which does not name the protocol, it is not there. */
const targetSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  protocol: z.string().exactOptional(),
  flavour: z.string(),
  version: z.string(),
});

const about = { grant: z.string(), principal: principalSchema, task: taskSchema, target: targetSchema };

const linesFields = {
  count: z.int().positive(),
  bytes: z.int().positive(),
  sha256: sha256Schema,
  firstAt: timestampSchema,
  lastAt: timestampSchema,
  lastHash: sha256Schema,
  merkleRoot: sha256Schema,
};

const framesSchema = z.strictObject({
  count: z.int().positive(),
  /** Size and digest of the member with the frames, and the digest of their index, whose size follows from `count`. */
  bytes: z.int().positive(),
  sha256: sha256Schema,
  indexSha256: sha256Schema,
});

const ending = {
  sessions: count,
  closeReason: closeReasonSchema,
  /** True when the gateway died and the reaper closed the recording. */
  interrupted: z.boolean(),
  /** Bytes that were cut from the unfinished end of an interrupted recording. */
  tornBytes: count,
  /** Null for a recording that was whole. */
  damage: damageSchema.nullable(),
  /** For later versions of the broker; null in this one. */
  reconciliation: z.null(),
  sealedAt: timestampSchema,
  /** RFC 7638 thumbprint (SHA-256, base64url) of the key that signed. */
  keyId: z.string(),
  logOfSeals: z.null(),
};

/** A container whose entries stand in it as they are. None is made any more; those that were made are read for ever. */
export const manifest1Schema = z.strictObject({
  format: z.literal('doorwarden-recording/1'),
  ...about,
  entries: z.strictObject(linesFields),
  segments: z.array(segmentSchema),
  statements: count,
  ...ending,
});

/** A container whose entries are compressed in frames. The lines in either have a format of their own. */
export const manifest2Schema = z.strictObject({
  format: z.literal('doorwarden-recording/2'),
  ...about,
  entries: z.strictObject({ ...linesFields, frames: framesSchema }),
  segments: z.array(segmentSchema),
  operations: count,
  ...ending,
});

/** What the seal says about a recording. The order of the fields is the order in the file. */
export const manifestSchema = z.discriminatedUnion('format', [manifest1Schema, manifest2Schema]);

/** The target as `grant.opened` has it in the file. */
export function targetAsWritten({ format, target }: GrantOpened): Manifest['target'] {
  const { id, name, flavour, version } = target;
  return format === 1 ? { id, name, flavour, version } : target;
}

export type Manifest = Readonly<z.infer<typeof manifestSchema>>;
export type Damage = Readonly<z.infer<typeof damageSchema>>;
export type DamagedPart = Readonly<z.infer<typeof damagedPartSchema>>;
export type ManifestFrames = Readonly<z.infer<typeof framesSchema>>;
export type ManifestSegment = Readonly<z.infer<typeof segmentSchema>>;

/** How many operations the recording has: statements, where the target is a database. */
export function operationsOf(manifest: Manifest): number {
  return manifest.format === 'doorwarden-recording/1' ? manifest.statements : manifest.operations;
}

/** A manifest is a few hundred bytes for each segment. */
export const MANIFEST_BYTES_MAX = 64 * 1024 * 1024;

/** The one form of a manifest: JSON with two spaces of indent, fields in the order of the schema, a newline at the end. */
export function encodeManifest(manifest: Manifest): Buffer {
  return Buffer.from(`${JSON.stringify(manifestSchema.parse(manifest), null, 2)}\n`, 'utf8');
}

/** The manifest, or what is wrong with it; bytes in any other form than the one are wrong. */
export function decodeManifest(bytes: Buffer): Manifest | { readonly wrong: string } {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch {
    return { wrong: 'It is not JSON.' };
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => issue.path.join('.') || issue.code).join(', ');
    return { wrong: `It does not fit the format (${fields}).` };
  }
  return encodeManifest(parsed.data).equals(bytes) ? parsed.data : { wrong: 'It is not in the canonical form.' };
}
