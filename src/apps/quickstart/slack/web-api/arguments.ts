import { z } from 'zod';
import { SlackRefusal } from '../refusal.js';

/** A JSON text where the call came as a form, the value itself where it came as JSON. */
const json = z.preprocess((given) => (typeof given === 'string' ? parsedJson(given) : given), z.unknown());
const flag = z.preprocess(
  (given) => (given === 'true' || given === '1' ? true : given === 'false' || given === '0' ? false : given),
  z.boolean(),
);
const id = z.string().regex(/^[A-Z0-9]{2,30}$/);
const ts = z.string().regex(/^\d{10}\.\d{6}$/);
const event = z.strictObject({
  event_type: z.string().min(1).max(255),
  event_payload: z.record(z.string(), z.unknown()),
});
const metadata = z.preprocess((given) => (typeof given === 'string' ? parsedJson(given) : given), event);

const content = { text: z.string().optional(), blocks: json.optional() };
const shown = { unfurl_links: flag.optional(), unfurl_media: flag.optional(), mrkdwn: flag.optional() };

/** What each method takes; the names are those of https://docs.slack.dev/reference/methods. */
export const METHOD_ARGUMENTS = {
  'auth.test': z.strictObject({}),
  'apps.connections.open': z.strictObject({}),
  'chat.postMessage': z.strictObject({
    channel: id,
    ...content,
    ...shown,
    metadata: metadata.optional(),
    thread_ts: ts.optional(),
    reply_broadcast: flag.optional(),
  }),
  'chat.update': z.strictObject({
    channel: id,
    ts,
    ...content,
    metadata: metadata.optional(),
    link_names: flag.optional(),
    parse: z.enum(['none', 'full']).optional(),
  }),
  'chat.postEphemeral': z.strictObject({
    channel: id,
    user: id,
    ...content,
    thread_ts: ts.optional(),
  }),
  'views.open': z.strictObject({ trigger_id: z.string().min(1), view: json }),
  'users.info': z.strictObject({ user: id, include_locale: flag.optional() }),
  'conversations.history': z.strictObject({
    channel: id,
    limit: z.coerce.number().int().min(1).max(999).optional(),
    oldest: z.string().optional(),
    latest: z.string().optional(),
    inclusive: flag.optional(),
    include_all_metadata: flag.optional(),
    cursor: z.string().optional(),
  }),
};

export type MethodName = keyof typeof METHOD_ARGUMENTS;
type ArgumentsOf<Name extends MethodName> = z.infer<(typeof METHOD_ARGUMENTS)[Name]>;

/** @throws SlackRefusal `invalid_arguments` */
export function argumentsOf<Name extends MethodName>(name: Name, given: unknown): ArgumentsOf<Name> {
  const parsed = METHOD_ARGUMENTS[name].safeParse(given);
  if (parsed.success) return parsed.data as ArgumentsOf<Name>;
  const details = parsed.error.issues.map(
    ({ message, path }) => `[ERROR] ${message} [json-pointer:/${path.join('/')}]`,
  );
  throw new SlackRefusal('invalid_arguments', details);
}

export function isMethod(name: string): name is MethodName {
  return Object.hasOwn(METHOD_ARGUMENTS, name);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SlackRefusal('invalid_arguments', ['[ERROR] an argument is no JSON']);
  }
}
