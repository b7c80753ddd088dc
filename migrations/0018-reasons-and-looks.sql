-- Why a policy was changed, and how the last look at a target went.
ALTER TABLE policy_versions ADD COLUMN reason varchar(1000) NULL;
ALTER TABLE targets ADD COLUMN last_look text NULL;
