import { type ClientLogin, type ClientOutcome, runProgram } from './program.js';

const PYTHON = '/usr/bin/python3'; // the one that Debian's python3-pymysql belongs to

const SCRIPT = `
import json, sys, pymysql
order = json.load(sys.stdin)
login = order["login"]
ca = login.pop("caFile", None)
connection = pymysql.connect(autocommit=True, max_allowed_packet=2**26, **login, **({"ssl": {"ca": ca}} if ca else {}))
with connection, connection.cursor() as cursor:
    for statement in order["statements"]:
        cursor.execute(statement)
        print(json.dumps(cursor.fetchall(), default=str))
        while cursor.nextset():
            print(json.dumps(cursor.fetchall(), default=str))
`;

/** Runs statements with PyMySQL; prints the rows of each result as one line of JSON. */
export async function runPymysql(login: ClientLogin, statements: readonly string[]): Promise<ClientOutcome> {
  const { host, port, user, password, database, caFile } = login;
  const order = { login: { host, port, user, password, database, caFile }, statements };
  return runProgram(PYTHON, ['-c', SCRIPT], { input: JSON.stringify(order) });
}
