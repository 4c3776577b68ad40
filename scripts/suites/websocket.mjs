// graphql-transport-ws, by its table of rules: each check has a socket of its own.
import WebSocket from 'ws';

const [url, token] = process.argv.slice(2);
const PROTOCOL = 'graphql-transport-ws';
const PATIENCE = 8_000;
const INIT = { type: 'connection_init', payload: { authorization: `Bearer ${token}` } };

/** A socket that remembers what it hears. */
class Socket {
  constructor(protocol = PROTOCOL, options = {}) {
    this.heard = [];
    this.waiting = [];
    this.socket = new WebSocket(url, protocol, options);
    this.socket.on('message', (data) => this.hear({ message: JSON.parse(data) }));
    this.socket.on('close', (code, reason) => this.hear({ code, reason: String(reason) }));
    this.socket.on('unexpected-response', (_, response) => this.hear({ status: response.statusCode }));
    this.socket.on('error', () => {});
    this.open = new Promise((resolve) => this.socket.on('open', resolve));
  }
  hear(event) {
    const waiting = this.waiting.shift();
    if (waiting) waiting(event);
    else this.heard.push(event);
  }
  /** What is heard next. */
  next() {
    if (this.heard.length > 0) return Promise.resolve(this.heard.shift());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('nothing was heard')), PATIENCE);
      this.waiting.push((event) => {
        clearTimeout(timer);
        resolve(event);
      });
    });
  }
  say(message) {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }
}

const opened = async () => {
  const socket = new Socket();
  await socket.open;
  return socket;
};
const letIn = async () => {
  const socket = await opened();
  socket.say(INIT);
  is((await socket.next()).message?.type, 'connection_ack');
  return socket;
};
const subscribe = (id, query, more = {}) => ({ id, type: 'subscribe', payload: { query, ...more } });
const endless = 'subscription { creditRecordChanged { cursor recordId change } }';
const is = (found, expected) => {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b) throw new Error(`expected ${b}, found ${a}`);
};
const closes = async (socket, code, reason) => {
  const event = await socket.next();
  is(event.code, code);
  if (reason !== undefined) is(event.reason, reason);
};

const checks = {
  'ack after init': async () => void (await letIn()),
  'no init closes with 4408': async () =>
    closes(await opened(), 4408, 'Connection initialisation timeout'),
  'second init closes with 4429': async () => {
    const socket = await letIn();
    socket.say(INIT);
    await closes(socket, 4429, 'Too many initialisation requests');
  },
  'subscribe before ack closes with 4401': async () => {
    const socket = await opened();
    socket.say(subscribe('1', '{ __typename }'));
    await closes(socket, 4401, 'Unauthorized');
  },
  'a token that is not believed closes with 4403': async () => {
    const socket = await opened();
    socket.say({ type: 'connection_init', payload: { authorization: 'Bearer x.y.z' } });
    await closes(socket, 4403, 'Forbidden');
  },
  'no JSON closes with 4400': async () => {
    const socket = await letIn();
    socket.say('{');
    await closes(socket, 4400);
  },
  'a binary message closes with 4400': async () => {
    const socket = await letIn();
    socket.socket.send(Buffer.from(JSON.stringify({ type: 'ping' })));
    await closes(socket, 4400);
  },
  'an unknown type closes with 4400': async () => {
    const socket = await letIn();
    socket.say({ type: 'start', id: '1', payload: { query: '{ __typename }' } });
    await closes(socket, 4400);
  },
  'subscribe without payload closes with 4400': async () => {
    const socket = await letIn();
    socket.say({ type: 'subscribe', id: '1' });
    await closes(socket, 4400);
  },
  'subscribe without id closes with 4400': async () => {
    const socket = await letIn();
    socket.say({ type: 'subscribe', id: '', payload: { query: '{ __typename }' } });
    await closes(socket, 4400);
  },
  'an id in use closes with 4409': async () => {
    const socket = await letIn();
    socket.say(subscribe('7', endless));
    socket.say(subscribe('7', '{ __typename }'));
    await closes(socket, 4409, 'Subscriber for 7 already exists');
  },
  'ping is answered with pong': async () => {
    const socket = await letIn();
    socket.say({ type: 'ping' });
    is((await socket.next()).message, { type: 'pong' });
  },
  'ping is answered before init too': async () => {
    const socket = await opened();
    socket.say({ type: 'ping', payload: { a: 1 } });
    is((await socket.next()).message.type, 'pong');
  },
  'a pong that nobody asked for is ignored': async () => {
    const socket = await letIn();
    socket.say({ type: 'pong' });
    socket.say({ type: 'ping' });
    is((await socket.next()).message.type, 'pong');
  },
  'a query is answered with next and complete': async () => {
    const socket = await letIn();
    socket.say(subscribe('1', '{ __typename }'));
    const { message } = await socket.next();
    is([message.type, message.id, message.payload.data], ['next', '1', { __typename: 'Query' }]);
    is((await socket.next()).message, { id: '1', type: 'complete' });
    // The id is free again.
    socket.say(subscribe('1', '{ __typename }'));
    is((await socket.next()).message.type, 'next');
  },
  'a syntax error is an error': async () => {
    const socket = await letIn();
    socket.say(subscribe('1', '{'));
    const { message } = await socket.next();
    is([message.type, message.id, Array.isArray(message.payload)], ['error', '1', true]);
  },
  'a document that does not fit is an error': async () => {
    const socket = await letIn();
    socket.say(subscribe('1', '{ nonsense }'));
    const { message } = await socket.next();
    is([message.type, Array.isArray(message.payload)], ['error', true]);
    // And the id is free again.
    socket.say(subscribe('1', '{ __typename }'));
    is((await socket.next()).message.type, 'next');
  },
  'a cursor that is none is an error with its reason': async () => {
    const socket = await letIn();
    socket.say(subscribe('1', 'subscription { creditRecordChanged(after: "x") { cursor } }'));
    const { message } = await socket.next();
    is([message.type, message.payload[0].extensions.reason], ['error', 'CURSOR_INVALID']);
  },
  'silence after complete, and the id may be used again': async () => {
    const socket = await letIn();
    socket.say(subscribe('1', endless));
    socket.say({ id: '1', type: 'complete' });
    socket.say(subscribe('1', '{ __typename }'));
    is((await socket.next()).message.type, 'next');
    is((await socket.next()).message, { id: '1', type: 'complete' });
    socket.say({ type: 'ping' });
    is((await socket.next()).message.type, 'pong');
  },
  'complete for an unknown id is ignored': async () => {
    const socket = await letIn();
    socket.say({ id: 'nobody', type: 'complete' });
    socket.say({ type: 'ping' });
    is((await socket.next()).message.type, 'pong');
  },
  'what was missed is told after a version': async () => {
    const socket = await letIn();
    const query = 'subscription { creditRecordChanged(after: "0") { cursor change cause record { id } } }';
    socket.say(subscribe('1', query));
    const { message } = await socket.next();
    is(message.type, 'next');
    const change = message.payload.data.creditRecordChanged;
    is([change.change, change.cause], ['ADDED', 'SOURCE']);
    socket.say({ id: '1', type: 'complete' });
  },
  'another sub-protocol is refused': async () => {
    const { status, code } = await new Socket('graphql-ws').next();
    if (status !== 400 && code !== 4406) throw new Error(`it was let in: ${status} ${code}`);
  },
  'a page of another place is refused': async () =>
    is(await new Socket(PROTOCOL, { origin: 'https://elsewhere.example' }).next(), { status: 403 }),
  'a message that is too big closes with 1009': async () => {
    const socket = await letIn();
    socket.say({ type: 'ping', payload: { a: 'x'.repeat(70_000) } });
    await closes(socket, 1009);
  },
};

const results = await Promise.all(
  Object.entries(checks).map(async ([name, check]) => {
    try {
      await check();
      return true;
    } catch (error) {
      console.log(`${name}: ${error.message}`);
      return false;
    }
  }),
);
const passed = results.filter(Boolean).length;
console.log(`graphql-transport-ws: ${passed}/${results.length}`);
process.exit(passed === results.length ? 0 : 1);
