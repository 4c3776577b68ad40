// Asks a gateway across two provinces and a budget office, and holds its answers against the hubs' own.
import assert from 'node:assert/strict';

const gateway = process.argv[2];
const { GD_URL, FJ_URL, GD_TOKEN, FJ_TOKEN } = process.env;

async function ask(url, query, variables, token) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, `${query}\n${JSON.stringify(errors)}`);
  return data;
}
const provinces = { gd: [GD_URL, GD_TOKEN], fj: [FJ_URL, FJ_TOKEN] };
const direct = (name, query, variables) => ask(provinces[name][0], query, variables, provinces[name][1]);
const across = (query, variables) => ask(gateway, query, variables);

let checks = 0;
async function check(title, body) {
  await body();
  checks += 1;
  console.log(`ok ${title}`);
}

const agencies = 'first: 20, filter: { hasActiveRecord: true }';
const node = 'id uscc name kind formerNames { name } division { code fullName parent { name } } superior { uscc name }';
const records = 'creditRecords(first: 3) { totalCount edges { cursor node { id kind status amount identifiedOn catalogueItem { title } } } }';
const page = 'totalCount pageInfo { hasNextPage endCursor }';

await check('who asks is known to each province', async () => {
  const data = await across('{ gd_viewer { role divisions { code } } fj_viewer { role divisions { code } } }');
  assert.deepEqual(data, {
    gd_viewer: { role: 'GOVERNMENT', divisions: [{ code: '440000' }] },
    fj_viewer: { role: 'GOVERNMENT', divisions: [{ code: '350000' }] },
  });
});

const selection = (budget) => `${page} edges { cursor node { ${node} ${records} ${budget} } }`;
await check('one question across all three has the answers of each', async () => {
  const budget = 'budget(year: 2026) { year total }';
  const data = await across(`{
    gd_agencies(${agencies}) { ${selection(budget)} }
    fj_agencies(${agencies}) { ${selection(budget)} }
    budgetYears
  }`);
  assert.deepEqual(data.budgetYears, [2025, 2026]);
  for (const name of ['gd', 'fj']) {
    const own = (await direct(name, `{ agencies(${agencies}) { ${selection('')} } }`)).agencies;
    assert.ok(own.edges.length > 5, `${name} has agencies with records`);
    const found = data[`${name}_agencies`];
    for (const { node: agency } of found.edges) {
      const total = `${Number(agency.uscc.slice(2, 8)) * 26}.00`;
      assert.deepEqual(agency.budget, { year: 2026, total }, agency.uscc);
      delete agency.budget;
    }
    assert.deepEqual(found, own, `${name} says the same directly`);
  }
});

await check('the same bytes as the hub says them, field by field', async () => {
  for (const [name, query] of [
    ['gd', '{ sources { id key province title publisher cadence stale } }'],
    ['gd', `{ creditRecords(first: 20, orderBy: [{ field: AMOUNT, direction: DESC }]) { ${page} edges { node { id amount agency { name } evidence { digest source { key province } } } } } }`],
    ['fj', `{ creditRecords(first: 20, filter: { agency: { division: { within: "350100" } } }) { ${page} edges { node { id caseNumber agency { uscc division { code } } } } } }`],
    ['fj', '{ division(code: "350100") { id code fullName children { code name } agencies(first: 3) { totalCount edges { node { name } } } } }'],
    ['gd', '{ resolve(input: { name: "广东省财政厅" }) { outcome score agency { uscc name } candidates { reason } } }'],
  ]) {
    const own = await direct(name, query);
    const [field] = Object.keys(own);
    const found = await across(query.replace(field, `${name}_${field}`));
    assert.equal(JSON.stringify(found[`${name}_${field}`]), JSON.stringify(own[field]), query);
  }
});

await check('variables, pages and node ids keep to their province', async () => {
  const query = (prefix) => `query($first: Int!, $after: String, $filter: AgencyFilter) {
    ${prefix}agencies(first: $first, after: $after, filter: $filter) { ${page} edges { node { id uscc } } } }`;
  const filter = { division: { within: '440600' }, active: true };
  let after = null;
  for (let turn = 0; turn < 3; turn += 1) {
    const variables = { first: 7, after, filter };
    const own = (await direct('gd', query(''), variables)).agencies;
    const found = (await across(query('gd_'), variables)).gd_agencies;
    assert.deepEqual(found, own);
    after = own.pageInfo.endCursor;
  }
  const { agencies: own } = await direct('gd', '{ agencies(first: 1) { edges { node { id } } } }');
  const { id } = own.edges[0].node;
  const data = await across('query($id: ID!) { gd_node(id: $id) { __typename id } fj_node(id: $id) { id } }', { id });
  assert.deepEqual(data, { gd_node: { __typename: 'Agency', id }, fj_node: null });
});

await check('sources of two provinces stay apart though their keys are the same words', async () => {
  const data = await across('{ gd_sources { id key province } fj_sources { id key province } }');
  const keys = (name) => data[`${name}_sources`].map((source) => source.key);
  assert.deepEqual(keys('gd'), keys('fj'));
  const both = [...data.gd_sources, ...data.fj_sources].map(({ key, province }) => `${key} ${province}`);
  assert.equal(new Set(both).size, both.length);
  assert.ok(data.fj_sources.every(({ id, key, province }) => province === '350000' && id === `src_350000_${key}`));
});

await check('what a province does not have is null, beside what the other has', async () => {
  const { agencies: own } = await direct('gd', '{ agencies(first: 1) { edges { node { uscc name } } } }');
  const { uscc, name } = own.edges[0].node;
  const query = `query($uscc: Uscc!) {
    gd_agency(uscc: $uscc) { name budget(year: 2025) { total } }
    fj_agency(uscc: $uscc) { name budget(year: 2025) { total } } }`;
  const total = `${Number(uscc.slice(2, 8)) * 25}.00`;
  assert.deepEqual(await across(query, { uscc }), { gd_agency: { name, budget: { total } }, fj_agency: null });
});

console.log(`${checks}/${checks} checks of the federation`);
