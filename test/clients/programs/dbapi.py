"""Runs the order on standard input with a DB-API module, PyMySQL or MySQLdb; one line of JSON for each step."""
import importlib
import json
import sys

module = importlib.import_module(sys.argv[1])
order = json.load(sys.stdin)
login = order["login"]
tls = {"ssl": {"ca": login["caFile"]}} if login.get("caFile") else {}
options = dict(host=login["host"], port=login["port"], user=login["user"], charset="utf8mb4", autocommit=True)
if sys.argv[1] == "MySQLdb":
    connection = module.connect(passwd=login["password"], db=login["database"], **options, **tls)
else:
    connection = module.connect(password=login["password"], database=login["database"], **options, **tls)


def plain(value):
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return "0x" + value.hex()
    return value if value is None or isinstance(value, (int, str)) else str(value)


def run(step):
    cursor = connection.cursor()
    values = tuple(bytes.fromhex(v["hex"]) if isinstance(v, dict) else v for v in step["values"])
    try:
        cursor.execute(step["sql"].replace("%", "%%").replace("?", "%s") if values else step["sql"], values or None)
        results = []
        while True:
            names = [column[0] for column in cursor.description or []]
            rows = [[plain(value) for value in row] for row in cursor.fetchall()]
            results.append({"names": names, "rows": rows, "affected": cursor.rowcount, "id": cursor.lastrowid})
            if not cursor.nextset():
                return {"results": results}
    except module.Error as error:
        return {"error": [plain(part) for part in error.args]}
    finally:
        cursor.close()


for step in order["steps"]:
    print(json.dumps(run(step)))
connection.ping()
connection.close()
