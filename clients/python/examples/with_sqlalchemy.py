"""Changes an order, which people may have to approve: python with_sqlalchemy.py TARGET ID TOTAL."""

import sys

import sqlalchemy

import doorwarden

target, order, total = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
client = doorwarden.Client.from_environment()
statement = sqlalchemy.text("UPDATE orders SET total = :total WHERE id = :id")

with client.grant(target, f"Correct order {order}", write=["orders"], on_hold="error") as connection:
    engine = sqlalchemy.create_engine(connection.sqlalchemy_url())

    def send() -> int:
        with engine.begin() as database:
            return database.execute(statement, {"total": total, "id": order}).rowcount

    try:
        changed = client.send_approved(
            send, on_progress=lambda approval: print("waits:", approval.link, file=sys.stderr)
        )
        print("changed:", changed)
    except doorwarden.StatementRefusedError as refused:
        print("not changed:", refused.reason)
    finally:
        engine.dispose()
