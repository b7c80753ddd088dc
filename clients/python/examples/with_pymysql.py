"""Counts the orders of a shop: python with_pymysql.py TARGET."""

import sys

import pymysql

import doorwarden


def show(progress: doorwarden.GrantProgress) -> None:
    if isinstance(progress, doorwarden.WaitsForPeople):
        approval = progress.approval
        print(f"waits for {', '.join(approval.groups) or 'an approver'}: {approval.link}", file=sys.stderr)


with doorwarden.grant(sys.argv[1], "Count the orders", read=["orders"], on_progress=show) as connection:
    with pymysql.connect(**connection.pymysql()) as database, database.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM orders")
        print("orders:", cursor.fetchone()[0])
print("recording:", connection.grant.id, file=sys.stderr)
