-- One-time links that let somebody in while no identity provider is configured. id is the SHA-256 of the link's secret, in hex.
CREATE TABLE sign_in_links (
  id char(64) NOT NULL,
  principal_id char(26) NOT NULL,
  any_address tinyint NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  PRIMARY KEY (id),
  INDEX sign_in_links_principal (principal_id),
  INDEX sign_in_links_expires (expires_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What the apis share and nobody else needs: with the key of the sessions they know what they have written into Redis themselves.
CREATE TABLE broker_secrets (
  name varchar(32) NOT NULL,
  secret char(64) NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
