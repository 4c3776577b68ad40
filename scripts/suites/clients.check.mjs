// Holds what the example clients printed against what the hub itself says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const work = process.argv[2];
const { URL: hub, TOKEN } = process.env;
const read = (name) => readFileSync(`${work}/${name}`, 'utf8').trim();
const lines = (name) => read(name).split('\n').map((line) => JSON.parse(line));

const query = `{
  viewer { role divisions { fullName } }
  agencies { totalCount }
  burdened: agencies(filter: { hasActiveRecord: true }, first: 200) {
    totalCount
    edges { node { uscc name creditRecords(filter: { status: [ACTIVE] }) { totalCount } } }
  }
  records: creditRecords(filter: { status: [ACTIVE] }) { totalCount }
  resolve(input: { name: "佛山市财政局" }) { outcome agency { uscc } }
}`;
const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` };
const response = await fetch(hub, { method: 'POST', headers, body: JSON.stringify({ query }) });
const { data, errors } = await response.json();
assert.equal(errors, undefined);
const burdened = data.burdened.edges.map(({ node }) => node);
assert.ok(burdened.length > 3, 'the demo has bodies with records');

const dashboard = JSON.parse(read('dashboard.json'));
assert.equal(dashboard.role, 'CONGRESS');
assert.deepEqual(dashboard.divisions, data.viewer.divisions.map(({ fullName }) => fullName));
assert.equal(dashboard.agencies, data.agencies.totalCount);
assert.equal(dashboard.burdened, data.burdened.totalCount);
assert.equal(dashboard.all, data.records.totalCount);
const { listed, arrears, breaches } = dashboard.records;
assert.equal(listed + arrears + breaches, data.records.totalCount);
console.log('ok TypeScript: a dashboard');

const changes = lines('changes.jsonl');
assert.equal(new Set(changes.map(({ cursor }) => cursor)).size, 3, 'each change once');
assert.ok(changes.every(({ change }) => change === 'ADDED'));
console.log('ok TypeScript: what becomes of records');

const within = lines('within.jsonl');
assert.deepEqual(
  within.map(({ uscc, name, records }) => ({ uscc, name, records })),
  burdened.map(({ uscc, name, creditRecords }) => ({ uscc, name, records: creditRecords.totalCount })),
);
const [sure, unsure, nobody] = lines('resolved.jsonl');
assert.equal(sure.outcome, data.resolve.outcome);
assert.equal(sure.agency.uscc, data.resolve.agency.uscc);
assert.equal(unsure.outcome, 'AMBIGUOUS');
assert.equal(unsure.agency, null);
assert.equal(nobody.outcome, 'NONE');
const counts = lines('counts.jsonl');
const sum = (numbers) => numbers.reduce((sum, number) => sum + number, 0);
assert.equal(sum(counts.map(({ records }) => records)), sum(within.map(({ records }) => records)));
console.log('ok Python: records counted');
console.log('ok Python: debtors of a division, and names');

const [debtor, clean, doubtful] = lines('standing.jsonl');
assert.equal(debtor.answer.name, burdened[0].name);
assert.equal(debtor.answer.records.length, burdened[0].creditRecords.totalCount);
assert.equal(clean.answer.uscc, data.resolve.agency.uscc);
assert.equal(clean.answer.total, clean.answer.records.length);
assert.equal(doubtful.answer.outcome, 'AMBIGUOUS');
console.log('ok Rust: what is held against a body');
