/** Somebody of the workspace, or a guest of it, with what Slack says of them. */
export interface SlackPerson {
  readonly id: string;
  readonly teamId: string;
  /** As it is shown beside messages. */
  readonly name: string;
  readonly email: string | null;
  readonly isEmailConfirmed: boolean;
  readonly isDeleted: boolean;
  readonly isBot: boolean;
  /** A guest of one or more channels. */
  readonly isRestricted: boolean;
  /** Of another workspace, by a shared channel. */
  readonly isStranger: boolean;
  /** What the page says of them beside their name; nothing that Slack knows. */
  readonly note: string;
}

/** A person of the workspace: unless something else is said, an ordinary member with a confirmed e-mail. */
export function personOf(given: Pick<SlackPerson, 'id' | 'teamId' | 'name'> & Partial<SlackPerson>): SlackPerson {
  return {
    email: `${given.id.toLowerCase()}@example.com`,
    isEmailConfirmed: true,
    isDeleted: false,
    isBot: false,
    isRestricted: false,
    isStranger: false,
    note: '',
    ...given,
  };
}

/** As `users.info` answers. @param withEmail whether the token has the scope `users:read.email` */
export function userAnswer(person: SlackPerson, withEmail: boolean): Readonly<Record<string, unknown>> {
  const hasEmail = withEmail && person.email !== null && !person.isBot && !person.isStranger;
  return {
    id: person.id,
    team_id: person.teamId,
    name: person.name.toLowerCase().replaceAll(' ', '.'),
    real_name: person.name,
    deleted: person.isDeleted,
    is_bot: person.isBot,
    is_restricted: person.isRestricted,
    is_ultra_restricted: false,
    ...(person.isStranger ? { is_stranger: true } : {}),
    ...(person.isDeleted ? {} : { is_email_confirmed: person.isEmailConfirmed }),
    profile: {
      real_name: person.name,
      display_name: person.name,
      team: person.teamId,
      ...(hasEmail ? { email: person.email } : {}),
    },
  };
}
