// The clients that others use: npm graphql-ws over a socket, npm graphql-sse over events.
import { createClient as sseClient } from 'graphql-sse';
import { createClient as socketClient } from 'graphql-ws';
import WebSocket from 'ws';

const [http, token] = process.argv.slice(2);
const authorization = `Bearer ${token}`;
const clients = {
  'graphql-ws': socketClient({
    url: http.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
    retryAttempts: 0,
  }),
  'graphql-sse': sseClient({ url: http, headers: { authorization }, retryAttempts: 0 }),
};
const is = (found, expected, what) => {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}: expected ${b}, found ${a}`);
};
/** Results until there are enough of them, or they end. */
const results = async (client, payload, enough) => {
  const found = [];
  for await (const result of client.iterate(payload)) {
    found.push(result);
    if (found.length === enough) break;
  }
  return found;
};

for (const [name, client] of Object.entries(clients)) {
  const [plain] = await results(client, { query: '{ viewer { role } }' });
  is(plain.data, { viewer: { role: 'GOVERNMENT' } }, `${name}, a query`);
  const query =
    'subscription ($after: String!) { creditRecordChanged(after: $after) { cursor recordId change } }';
  const changes = async (after, enough) => {
    const told = await results(client, { query, variables: { after } }, enough);
    return told.map((result) => result.data.creditRecordChanged);
  };
  const all = await changes('0', 40);
  is(all.length, 40, `${name}, changes`);
  const rest = await changes(all[14].cursor, 25);
  is(rest, all.slice(15), `${name}, the same changes after a cursor`);
  const refused = await results(client, { query: '{ nonsense }' }).catch((errors) => [{ errors }]);
  is(refused[0].errors.length, 1, `${name}, a document that does not fit`);
  await client.dispose();
  console.log(`${name}: well`);
}
process.exit(0);
