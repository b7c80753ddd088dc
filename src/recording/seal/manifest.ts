import { z } from 'zod';
import {
  closeReasonSchema,
  principalSchema,
  sha256Schema,
  targetSchema,
  taskSchema,
  timestampSchema,
} from '../entries/entry-schema.js';

const count = z.int().nonnegative();

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

/** What the seal says about a recording. The order of the fields is the order in the file. */
export const manifestSchema = z.strictObject({
  format: z.literal('doorwarden-recording/1'),
  grant: z.string(),
  principal: principalSchema,
  task: taskSchema,
  target: targetSchema,
  entries: z.strictObject({
    count: z.int().positive(),
    bytes: z.int().positive(),
    sha256: sha256Schema,
    firstAt: timestampSchema,
    lastAt: timestampSchema,
    lastHash: sha256Schema,
    merkleRoot: sha256Schema,
  }),
  segments: z.array(segmentSchema),
  statements: count,
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
});

export type Manifest = Readonly<z.infer<typeof manifestSchema>>;
export type Damage = Readonly<z.infer<typeof damageSchema>>;
export type DamagedPart = Readonly<z.infer<typeof damagedPartSchema>>;
export type ManifestSegment = Readonly<z.infer<typeof segmentSchema>>;

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
