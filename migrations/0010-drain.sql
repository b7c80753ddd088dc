-- Gateways that drain: who asked for it, and until when they keep their grants at the latest.
ALTER TABLE gateways
  ADD COLUMN drain_asked_at bigint NULL,
  ADD COLUMN drain_asked_by varchar(128) NULL,
  ADD COLUMN drain_until bigint NULL;
