/** The name under which the default policies are stored on a new installation; they are the operator's from then on. */
export const DEFAULT_POLICY_NAME = 'default';

/**
 * The policies that a new installation starts with: reads run, changes wait for a person, the server is out of reach.
 * https://docs.cedarpolicy.com/policies/syntax-policy.html
 */
export const DEFAULT_POLICY_TEXT = `// Doorwarden's default policies. Reads run, changes wait for a person, and the server itself is out of reach.
// What is permitted only with context.approved is held. What nothing permits is denied, and a forbid always wins.

// Within the limits of a target, anyone who may ask for grants gets them at once.
@id("grants")
permit (principal, action == Action::"requestGrant", resource);

// ---- What runs

@id("reads")
permit (principal, action == Action::"read", resource)
when
{
  !context.unparsed &&
  context.statements == 1 &&
  !context.flags.containsAny(["into-file", "locking-read", "procedure-analyse", "optimizer-hint"])
};

// A harmless SET, USE, and transaction control.
@id("session")
permit (principal, action == Action::"session", resource)
when { !context.unparsed && context.statements == 1 };

// ---- What waits for a person. In a transaction it waits until others have waited for its locks for half a minute.

@id("writes")
@hold("10m")
@inTransaction("hold")
@transactionHold("30s")
permit (principal, action in Action::"write", resource)
when { context.approved };

@id("wide-writes")
@warning("No column is named in WHERE: this may change every row.")
permit (principal, action in [Action::"update", Action::"delete"], resource)
when { context.approved && !context.whereNamesColumn };

@id("unusual-reads")
@warning("This read locks rows, or is not a plain one.")
permit (principal, action == Action::"read", resource)
when
{
  context.approved &&
  context.flags.containsAny(["locking-read", "procedure-analyse", "optimizer-hint"])
};

@id("schema")
@warning("This changes the schema; it cannot be rolled back.")
permit (principal, action == Action::"schema", resource)
when { context.approved };

@id("code")
@warning("This runs code that is not in the statement.")
permit (principal, action == Action::"execute", resource)
when { context.approved };

@id("locks")
@warning("This takes locks that others wait for.")
permit (principal, action == Action::"lock", resource)
when { context.approved };

@id("not-understood")
@warning("What this does could not be established. Approve it only if you know.")
permit (principal, action in Action::"statement", resource)
when { context.approved && (context.unparsed || context.statements != 1) };

@id("unknown")
permit (principal, action == Action::"unknown", resource)
when { context.approved };

// ---- What never runs

@id("server")
@why("Account, privilege, file, replication, XA and server commands do not run through the broker.")
forbid (principal, action == Action::"admin", resource);

@id("files")
@why("Nothing is written to files of the server.")
forbid (principal, action in Action::"statement", resource)
when { context.flags.contains("into-file") };

@id("accounts")
@why("The server's own accounts and settings are not read or changed through the broker.")
forbid (principal, action in Action::"statement", resource is Table)
when { resource.database == "mysql" || context.writesSystemTables };

@id("drops")
@why("Databases and tables are not dropped through the broker.")
forbid (principal, action == Action::"schema", resource)
when
{
  ["drop table", "drop tables", "drop database", "drop schema"].contains(context.kind) &&
  !context.flags.contains("temporary")
};
`;
