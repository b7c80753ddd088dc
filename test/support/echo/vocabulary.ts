import type { PolicySubject } from '../../../src/domain/verdict.js';
import { readSchema } from '../../../src/policy/read-schema.js';
import { type Place, type PolicyCase, type PolicyVocabulary, targetPlace } from '../../../src/policy/vocabulary.js';

/** What policies may say of the words that an echo server is sent. */
export const ECHO_VOCABULARY: PolicyVocabulary = {
  schema: readSchema(`
namespace Echo {
  entity Room in [Target] = { "name": String, "target": String } tags String;

  type WordFacts = {
    "approved": Bool,
    "kind": String,
    "unparsed": Bool,
    "reason": String,
    "parts": Long,
    "loud": Bool,
  };

  action "say" in [Action::"readOnly"]
    appliesTo { principal: [Agent, User, Service], resource: [Target, Room], context: WordFacts };
  action "shout" in [Action::"write"]
    appliesTo { principal: [Agent, User, Service], resource: [Target, Room], context: WordFacts };
  action "wipe" in [Action::"administer"]
    appliesTo { principal: [Agent, User, Service], resource: [Target, Room], context: WordFacts };
  action "mumble" in [Action::"unclear"]
    appliesTo { principal: [Agent, User, Service], resource: [Target, Room], context: WordFacts };

  action "enter" in [Action::"request"]
    appliesTo {
      principal: [Agent, User, Service],
      resource: [Target, Room],
      context: { "approved": Bool, "ttlSeconds": Long, "verbs": Set<String> }
    };
}
`),
  actionGroups: {
    'Echo::say': ['readOnly'],
    'Echo::shout': ['write'],
    'Echo::wipe': ['administer'],
    'Echo::mumble': ['unclear'],
    'Echo::enter': ['request'],
  },
  defaults: {
    name: 'default-echo',
    text: `// What is said is heard by its speaker alone and runs; what is shouted waits for a person; no room is wiped.

@id("requests")
permit (principal, action == Echo::Action::"enter", resource);

@id("says")
permit (principal, action == Echo::Action::"say", resource);

@id("shouts")
permit (principal, action in [Echo::Action::"shout", Echo::Action::"mumble"], resource)
when { context.approved };

@id("wipes")
@why("Rooms are not wiped through the broker.")
forbid (principal, action == Echo::Action::"wipe", resource);
`,
  },
};

/** `mumble`: nobody knows what it would do. */
export type EchoAction = 'say' | 'shout' | 'wipe' | 'mumble';

/** What one line would do. */
export interface EchoFacts {
  readonly action: EchoAction;
  /** Null where it is not understood. */
  readonly room: string | null;
  /** Nothing but capitals. */
  readonly loud: boolean;
  /** Why it is not understood. */
  readonly reason: string | null;
}

/** What a line asks of the policies. */
export function echoCase(subject: PolicySubject, { action, room, loud, reason }: EchoFacts): PolicyCase {
  const place = room === null ? targetPlace(subject.target) : roomPlace(subject.target, room);
  const context = { kind: action, unparsed: reason !== null, reason: reason ?? '', parts: 1, loud };
  const inWords = (): string => (room === null ? action : `${action} in the room ${room}`);
  return {
    ...subject,
    questions: [{ action: `Echo::${action}`, place, context, inWords }],
    reasons: () => (reason === null ? [] : [`The line is not understood: ${reason}.`]),
  };
}

/** What a request for a grant on rooms asks of them. */
export function echoGrantCase(
  subject: PolicySubject,
  access: readonly { readonly room: string; readonly verbs: readonly string[] }[],
  ttlSeconds: number,
): PolicyCase {
  return {
    ...subject,
    questions: access.map(({ room, verbs }) => ({
      action: 'Echo::enter',
      place: roomPlace(subject.target, room),
      context: { ttlSeconds, verbs },
      inWords: () => `entering the room ${room}`,
    })),
    reasons: () => [],
  };
}

function roomPlace(target: PolicySubject['target'], room: string): Place {
  return { type: 'Echo::Room', id: `${target.name}/${room}`, attributes: { name: room }, above: targetPlace(target) };
}
