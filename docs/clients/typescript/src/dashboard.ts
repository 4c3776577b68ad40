// A congress's dashboard: what stands against the government of its own level.
//   ZHENGXIN_TOKEN=… npm run dashboard -- http://127.0.0.1:8080/graphql
import { graphql } from './gql';
import type { RecordsQuery } from './gql/graphql';
import { ask, hub } from './hub';

const Overview = graphql(`
  query Overview {
    viewer {
      role
      divisions {
        code
        fullName
      }
    }
    agencies {
      totalCount
    }
    burdened: agencies(filter: { hasActiveRecord: true }) {
      totalCount
    }
    listed: creditRecords(filter: { status: [ACTIVE], kind: [JUDGMENT_DEBTOR] }) {
      totalCount
    }
    arrears: creditRecords(filter: { status: [ACTIVE], kind: [ARREARS] }) {
      totalCount
    }
    breaches: creditRecords(filter: { status: [ACTIVE], kind: [BREACH] }) {
      totalCount
    }
    sources {
      key
      title
      dataAsOf
      stale
    }
  }
`);

const Records = graphql(`
  query Records($first: Int!, $after: String) {
    creditRecords(
      filter: { status: [ACTIVE] }
      orderBy: [{ field: AMOUNT, direction: DESC }, { field: IDENTIFIED_ON, direction: DESC }]
      first: $first
      after: $after
    ) {
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        node {
          id
          kind
          amount
          identifiedOn
          identifiedBy
          agency {
            uscc
            name
          }
        }
      }
    }
  }
`);

type CreditRecord = NonNullable<RecordsQuery['creditRecords']>['edges'][number]['node'];

const [, , url = 'http://127.0.0.1:8080/graphql'] = process.argv;
const client = hub(url, process.env.ZHENGXIN_TOKEN, AbortSignal.timeout(15_000));

/** All records that hold, page by page. */
async function* all(): AsyncGenerator<CreditRecord> {
  let after: string | null | undefined = null;
  do {
    const data: RecordsQuery = await ask(client, Records, { first: 50, after });
    if (!data.creditRecords) throw new Error('records are not to be had at present');
    const { edges, pageInfo } = data.creditRecords;
    for (const { node } of edges) yield node;
    after = pageInfo.hasNextPage ? pageInfo.endCursor : undefined;
  } while (after);
}

const overview = await ask(client, Overview, {});
const records: CreditRecord[] = [];
for await (const record of all()) records.push(record);

console.log(
  JSON.stringify(
    {
      role: overview.viewer.role,
      divisions: overview.viewer.divisions.map(({ fullName }) => fullName),
      agencies: overview.agencies?.totalCount,
      burdened: overview.burdened?.totalCount,
      records: {
        listed: overview.listed?.totalCount,
        arrears: overview.arrears?.totalCount,
        breaches: overview.breaches?.totalCount,
      },
      gravest: records.slice(0, 5),
      all: records.length,
      stale: overview.sources?.filter(({ stale }) => stale).map(({ title }) => title),
    },
    null,
    2,
  ),
);
