/** Every kind of administrative act and of look at evidence that the administrative record has entries of. */
export const ADMINISTRATIVE_ACTS = {
  'principal.made': 'A principal was made.',
  'principal.changed': 'The roles, groups or other settings of a principal were changed.',
  'principal.disabled': 'A principal was disabled.',
  'principal.enabled': 'A principal was enabled again.',
  'principal.linked': 'Two principals were said to be of one person, or no longer to be.',
  'key.made': 'An API key was made.',
  'key.requested': 'A key was asked for that a second operator has to make.',
  'key.revoked': 'An API key was revoked.',
  'target.registered': 'A target was registered.',
  'target.changed': 'A target was changed.',
  'target.deleted': 'A target was deleted.',
  'target.tested': 'A gateway was asked to log in to a target and to look at it.',
  'policy.put': 'A policy was written.',
  'policy.deleted': 'A policy was deleted.',
  'policy.replayed': 'Somebody had recorded statements judged again by a draft of a policy.',
  'gateway.drain': 'A gateway was asked to drain.',
  'grant.revoked': 'A grant was ended by somebody else than its requester.',
  'approval.decided': 'Somebody approved or denied.',
  'approval.withdrawn': 'Somebody took back an approval that they had given.',
  'approval.exported': 'Somebody exported approvals.',
  'approval.preview-seen': 'Somebody saw the preview of an approval, which has rows of the target.',
  'recording.searched': 'Somebody listed or searched recordings.',
  'statement.searched': 'Somebody searched recorded statements; the entry has the terms.',
  'statement.exported': 'Somebody had recorded statements written to files for other engines.',
  'recording.seen': 'Somebody looked at what is known of a recording.',
  'recording.read': 'Somebody read entries of a recording.',
  'recording.downloaded': 'Somebody downloaded a sealed recording.',
  'recording.verified': 'Somebody had a sealed recording checked.',
  'recording.reviewed': 'Somebody said that they have read a recording, or took it back.',
  'record.read': 'Somebody read the administrative record.',
  'record.verified': 'Somebody had the administrative record checked.',
  'record.exported': 'Somebody exported the administrative record.',
  'sign-in.done': 'Somebody signed in.',
  'sign-in.refused': 'A sign-in was refused.',
  'token.refused': 'A bearer token was refused.',
  'session.ended': 'A session was ended: by sign-out, by an operator, or because of what happened to its principal.',
  'link.made': 'A one-time link was made.',
  'link.used': 'A one-time link was used.',
  'provider.made': 'An identity provider was configured.',
  'provider.changed': 'An identity provider was changed.',
  'provider.deleted': 'An identity provider was deleted.',
  'channel.tested': 'A test of a channel was asked for.',
  'mapping.put': 'The mapping of an identity provider was written.',
  'mapping.deleted': 'The mapping of an identity provider was deleted.',
} as const satisfies Readonly<Record<string, string>>;

export type AdministrativeAct = keyof typeof ADMINISTRATIVE_ACTS;

/** Kinds of things that entries are about. */
export const SUBJECT_KINDS = [
  'principal',
  'key',
  'target',
  'policy',
  'gateway',
  'grant',
  'approval',
  'recording',
  'record',
  'session',
  'link',
  'provider',
  'mapping',
  'channel',
] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

/** `asked`: others must do something before it happens. `refused`: nothing happened; the entry's code says why. */
export const ACT_OUTCOMES = ['done', 'asked', 'refused'] as const;
export type ActOutcome = (typeof ACT_OUTCOMES)[number];
