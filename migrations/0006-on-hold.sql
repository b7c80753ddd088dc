-- What a held statement of a grant does: its client waits, or is answered at once with an error that names the approval.

ALTER TABLE grants ADD COLUMN on_hold varchar(10) NOT NULL DEFAULT 'wait';
