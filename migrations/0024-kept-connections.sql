-- When the MCP server of the api took the one showing of a connection for itself, while no agent has been shown it.
ALTER TABLE grants ADD COLUMN connection_kept_at bigint NULL;
