import { z } from 'zod';
import { approvalIdOf, isApprovalId } from '../../../domain/ids.js';
import { SLACK_FORMS, type SeenQuestion, type SlackForm } from '../../../domain/slack-asked.js';

/** Signs what a form carries, with a key of the broker's own: nobody else can make a form or change what it is about. */
export interface FormSeal {
  sign(name: string, text: string): string;
  /** Undefined: it was not signed under that name. */
  read(name: string, signed: string): string | undefined;
}

/** What a form is about. Who fills it in is not in it: Slack says who sends it. */
export interface FormNote extends SeenQuestion {
  readonly form: SlackForm;
  readonly channel: string | null;
  readonly message: string | null;
}

const NAME = 'slack-form';
const note = z.strictObject({
  form: z.enum(SLACK_FORMS),
  approval: z.string().refine(isApprovalId),
  revision: z.int().min(1),
  channel: z.string().nullable(),
  message: z.string().nullable(),
});

/** The `private_metadata` of a form. */
export function sealFormNote({ form, approval, revision, channel, message }: FormNote, seal: FormSeal): string {
  return seal.sign(NAME, JSON.stringify({ form, approval, revision, channel, message }));
}

/** Undefined for anything that {@link sealFormNote} has not made. */
export function openFormNote(signed: string, seal: FormSeal): FormNote | undefined {
  const text = seal.read(NAME, signed);
  if (text === undefined) return undefined;
  const { approval, ...rest } = note.parse(JSON.parse(text));
  return { ...rest, approval: approvalIdOf(approval) };
}
