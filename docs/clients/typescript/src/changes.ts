// What becomes of records: first what came after a cursor or a version, then each change as it happens.
//   ZHENGXIN_TOKEN=… npm run changes -- http://127.0.0.1:8080/graphql [AFTER [COUNT]]
import { graphql } from './gql';
import { follow, hub } from './hub';

const Changes = graphql(`
  subscription Changes($after: String) {
    creditRecordChanged(after: $after) {
      cursor
      change
      cause
      recordId
      record {
        kind
        status
        agency {
          name
        }
      }
    }
  }
`);

const [, , url = 'http://127.0.0.1:8080/graphql', after, count] = process.argv;
const client = hub(url, process.env.ZHENGXIN_TOKEN);
let left = Number(count ?? Infinity);

// Who keeps the last cursor goes on from there after whatever broke off.
await follow(client, Changes, { after }, ({ creditRecordChanged }) => {
  console.log(JSON.stringify(creditRecordChanged));
  left -= 1;
  if (left <= 0) process.exit();
});
