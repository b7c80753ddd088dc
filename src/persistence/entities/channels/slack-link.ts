import { EntitySchema } from 'typeorm';
import type { PrincipalId } from '../../../kernel/brand.js';
import { msColumn, ulidColumn, word } from '../../state/columns.js';

/** Somebody in Slack who has shown that a principal is theirs. */
export interface SlackLinkRow {
  readonly team: string;
  readonly user: string;
  readonly principalId: PrincipalId;
  readonly linkedAtMs: number;
}

/** TypeORM's description of the table `slack_links`. */
export const slackLinkEntity = new EntitySchema<SlackLinkRow>({
  name: 'SlackLink',
  tableName: 'slack_links',
  columns: {
    team: { ...word(30), name: 'team_id', primary: true },
    user: { ...word(30), name: 'user_id', primary: true },
    principalId: { ...ulidColumn, name: 'principal_id' },
    linkedAtMs: { ...msColumn, name: 'linked_at' },
  },
  indices: [{ name: 'slack_links_principal', columns: ['principalId'], unique: true }],
});

/** A code by which its maker can show in Slack who they are, once. It is not stored itself. */
export interface SlackLinkCodeRow {
  /** The SHA-256 of the code, in hex. */
  readonly id: string;
  readonly principalId: PrincipalId;
  readonly expiresAtMs: number;
}

/** TypeORM's description of the table `slack_link_codes`. */
export const slackLinkCodeEntity = new EntitySchema<SlackLinkCodeRow>({
  name: 'SlackLinkCode',
  tableName: 'slack_link_codes',
  columns: {
    id: { type: 'char', length: 64, primary: true },
    principalId: { ...ulidColumn, name: 'principal_id' },
    expiresAtMs: { ...msColumn, name: 'expires_at' },
  },
  indices: [{ name: 'slack_link_codes_principal', columns: ['principalId'] }],
});
