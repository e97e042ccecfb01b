// Plays a scenario on a cluster with npm's cassandra-driver, and prints the rows of each step as JSON.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [file, driver] = process.argv.slice(2);
const cassandra = createRequire(import.meta.url)(driver);
const scenario = JSON.parse(readFileSync(file, "utf8"));
const { Long, Uuid, unset } = cassandra.types;

const readers = {
    text: value => value,
    bigint: value => Long.fromString(value),
    int: value => value,
    boolean: value => value,
    blob: value => Buffer.from(value, "hex"),
    uuid: value => Uuid.fromString(value),
    texts: value => value,
    bigints: value => value.map(item => Long.fromString(item)),
    unset: () => unset,
};

function valueOf(told) {
    if (told === null) {
        return null;
    }
    const [kind, value] = Object.entries(told)[0];
    return readers[kind](value);
}

function plain(value) {
    return value === null || value === undefined ? null
        : Buffer.isBuffer(value) ? value.toString("hex")
        : Array.isArray(value) ? value.map(plain)
        : String(value);
}

const client = new cassandra.Client({
    contactPoints: [`${scenario.host}:${scenario.port}`],
    localDataCenter: "datacenter1",
    authProvider: new cassandra.auth.PlainTextAuthProvider(scenario.user, scenario.password),
    sslOptions: scenario.ca ? { ca: [readFileSync(scenario.ca)], rejectUnauthorized: true, checkServerIdentity: () => undefined } : undefined,
});
await client.connect();
const answers = [];
for (const step of scenario.steps) {
    if (step.kind === "schema") {
        await client.execute(step.cql);
        answers.push([]);
    } else if (step.kind === "fails") {
        try {
            await client.execute(step.cql);
            answers.push([["no error"]]);
        } catch (error) {
            answers.push([[error.code?.toString(16).padStart(4, "0") ?? String(error)]]);
        }
    } else if (step.kind === "batch") {
        await client.batch(step.statements.map(part => ({ query: part.cql, params: part.values.map(valueOf) })), { prepare: true, logged: true });
        answers.push([]);
    } else {
        const rows = [];
        const result = await client.execute(step.cql, step.values.map(valueOf), { prepare: true, fetchSize: step.page });
        for await (const row of result) {
            rows.push(row.values().map(plain));
        }
        answers.push(rows);
    }
}
const tables = [];
for (const name of scenario.tables) {
    const table = await client.metadata.getTable(scenario.keyspace, name);
    tables.push([name, ...table.partitionKeys.map(key => key.name), ...table.clusteringKeys.map(key => key.name)]);
}
answers.push(tables);
await client.shutdown();
console.log(JSON.stringify(answers));
