-- Who in Slack is which principal: somebody of a workspace is one, and a principal has one account there.
CREATE TABLE slack_links (
  team_id varchar(30) NOT NULL,
  user_id varchar(30) NOT NULL,
  principal_id char(26) NOT NULL,
  linked_at bigint NOT NULL,
  PRIMARY KEY (team_id, user_id),
  UNIQUE INDEX slack_links_principal (principal_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Codes by which people link themselves. id is the SHA-256 of the code, in hex; the last code of a principal counts.
CREATE TABLE slack_link_codes (
  id char(64) NOT NULL,
  principal_id char(26) NOT NULL,
  expires_at bigint NOT NULL,
  PRIMARY KEY (id),
  INDEX slack_link_codes_principal (principal_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Clicks, forms and commands of Slack that were accepted. same_key is SHA-256 in hex of what makes two of them the same.
CREATE TABLE slack_interactions (
  id char(26) NOT NULL,
  same_key char(64) NOT NULL,
  team_id varchar(30) NOT NULL,
  user_id varchar(30) NOT NULL,
  asked text NULL,
  place text NULL,
  state varchar(10) NOT NULL,
  answer text NULL,
  attempts int NOT NULL,
  claimed_until bigint NOT NULL,
  accepted_at bigint NOT NULL,
  PRIMARY KEY (id),
  UNIQUE INDEX slack_interactions_same (same_key),
  INDEX slack_interactions_due (state, claimed_until),
  INDEX slack_interactions_accepted (accepted_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
