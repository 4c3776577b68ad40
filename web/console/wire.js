// Asking the hub that this page came from, and nobody else.

const ADDRESS = "graphql";

export function fetchSchema() {
  return fetch("schema.graphql", { credentials: "omit" }).then((answer) => {
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.text();
  });
}

function request(asked, accept, signal) {
  const headers = { "Content-Type": "application/json", Accept: accept };
  if (asked.token) headers.Authorization = `Bearer ${asked.token}`;
  // Headers hold ASCII; whatever else was typed would not be sent at all.
  if (asked.purpose) headers["X-Purpose"] = encodeURI(asked.purpose);
  if (asked.reference) headers["X-Reference"] = encodeURI(asked.reference);
  const { query, variables, operationName } = asked;
  const body = JSON.stringify({ query, variables, operationName });
  return fetch(ADDRESS, { method: "POST", headers, body, signal, credentials: "omit", cache: "no-store", redirect: "error" });
}

/** One answer. */
export async function ask(asked, signal) {
  const began = performance.now();
  const answer = await request(asked, "application/graphql-response+json, application/json;q=0.9", signal);
  const text = await answer.text();
  return { status: answer.status, text, took: performance.now() - began };
}

/** The events of a subscription, each told when it comes, until it ends. */
export async function subscribe(asked, signal, tell) {
  const began = performance.now();
  const answer = await request(asked, "text/event-stream", signal);
  if (!answer.headers.get("Content-Type")?.startsWith("text/event-stream")) {
    tell({ status: answer.status, text: await answer.text(), took: performance.now() - began });
    return;
  }
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let pending = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    pending += value;
    const events = pending.split(/\r?\n\r?\n/);
    pending = events.pop();
    for (const event of events) {
      const lines = event.split(/\r?\n/);
      const said = (name) => lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).replace(/^ /, ""));
      if (said("event")[0] === "complete") return;
      const text = said("data").join("\n");
      if (text) tell({ status: answer.status, text, took: performance.now() - began });
    }
  }
}
