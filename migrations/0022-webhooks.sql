-- What happened, as programs outside are told of it: written in the transaction in which it happened.
CREATE TABLE events (
  id char(26) NOT NULL,
  type varchar(64) NOT NULL,
  at bigint NOT NULL,
  data mediumtext NOT NULL,
  routed_at bigint NULL,
  PRIMARY KEY (id),
  KEY events_routed (routed_at, id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Addresses of others to which events are sent.
CREATE TABLE webhooks (
  id char(26) NOT NULL,
  name varchar(64) NOT NULL,
  url varchar(2000) NOT NULL,
  types text NOT NULL,
  include text NOT NULL,
  sealed_secret text NOT NULL,
  secret_made_at bigint NOT NULL,
  previous_secret text NULL,
  previous_until bigint NULL,
  state varchar(10) NOT NULL,
  pause_reason varchar(20) NULL,
  paused_at bigint NULL,
  failing_since bigint NULL,
  last_success_at bigint NULL,
  last_failure_at bigint NULL,
  last_fault varchar(40) NULL,
  last_status int NULL,
  dropped int NOT NULL DEFAULT 0,
  revision int NOT NULL,
  created_at bigint NOT NULL,
  created_by varchar(128) NOT NULL,
  changed_at bigint NOT NULL,
  changed_by varchar(128) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY webhooks_name (name)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One event on its way to one webhook.
CREATE TABLE webhook_deliveries (
  id char(26) NOT NULL,
  webhook_id char(26) NOT NULL,
  event_id char(26) NOT NULL,
  state varchar(10) NOT NULL,
  attempts int NOT NULL,
  next_at bigint NULL,
  claim char(26) NULL,
  claim_until bigint NULL,
  last_status int NULL,
  last_fault varchar(40) NULL,
  last_at bigint NULL,
  took_ms int NULL,
  made_at bigint NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY webhook_deliveries_event (event_id, webhook_id),
  KEY webhook_deliveries_due (state, webhook_id, next_at),
  KEY webhook_deliveries_list (webhook_id, id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
