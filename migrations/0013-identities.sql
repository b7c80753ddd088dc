-- Who signs in: identity providers, the mapping from their claims to principals, and what principals and keys have besides.
ALTER TABLE principals
  ADD COLUMN person_id char(26) NULL,
  ADD COLUMN provider varchar(32) NULL,
  ADD COLUMN email varchar(320) NULL,
  ADD COLUMN display_name varchar(200) NULL,
  ADD COLUMN mapped_groups text NULL,
  ADD COLUMN sponsor varchar(128) NULL,
  ADD COLUMN session_epoch int NOT NULL DEFAULT 0,
  ADD COLUMN signed_in_at bigint NULL,
  ADD INDEX principals_person (person_id),
  ADD INDEX principals_email (email);

ALTER TABLE api_keys
  ADD COLUMN expires_at bigint NULL,
  ADD COLUMN scope text NULL,
  ADD COLUMN revoked_by char(26) NULL,
  ADD COLUMN revoked_by_name varchar(128) NULL;

-- An operator who is signed in has no key.
ALTER TABLE key_requests MODIFY COLUMN requested_with varchar(8) NULL;

ALTER TABLE grants ADD COLUMN sponsor text NULL;
ALTER TABLE approvals ADD COLUMN sponsor text NULL;
ALTER TABLE approval_decisions ADD COLUMN person_id char(26) NULL;

-- id is the SHA-256 of issuer and subject: together they are longer than an index may be.
CREATE TABLE identities (
  id char(64) NOT NULL,
  provider varchar(32) NOT NULL,
  issuer varchar(512) NOT NULL,
  subject varchar(512) NOT NULL,
  principal_id char(26) NOT NULL,
  email varchar(320) NULL,
  first_seen_at bigint NOT NULL,
  last_seen_at bigint NOT NULL,
  PRIMARY KEY (id),
  INDEX identities_principal (principal_id),
  INDEX identities_email (email)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE identity_providers (
  name varchar(32) NOT NULL,
  kind varchar(20) NOT NULL,
  purposes text NOT NULL,
  settings mediumtext NOT NULL,
  sealed_secret text NULL,
  revision int NOT NULL,
  created_at bigint NOT NULL,
  changed_at bigint NOT NULL,
  changed_by varchar(128) NOT NULL,
  deleted_at bigint NULL,
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE identity_mappings (
  revision int NOT NULL,
  rules mediumtext NOT NULL,
  reason varchar(1000) NULL,
  changed_at bigint NOT NULL,
  changed_by varchar(128) NOT NULL,
  PRIMARY KEY (revision)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
