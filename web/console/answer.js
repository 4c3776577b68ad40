// What came back: as text nodes, coloured, never as markup.

import { byId, make } from "./element.js";
import { say } from "./words.js";

/** Longer answers are shown without colours. */
const COLOURED_MAX = 200_000;
const PARTS = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)/g;

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function coloured(text) {
  const pieces = [];
  let at = 0;
  for (const found of text.matchAll(PARTS)) {
    const [whole, string, colon, number] = found;
    pieces.push(text.slice(at, found.index));
    const colour = string ? (colon ? "key" : "string") : number ? "number" : "word";
    pieces.push(make("span", { className: `t-${colour}` }, whole));
    at = found.index + whole.length;
  }
  return [...pieces, text.slice(at)];
}

/** Shows an answer, and gives it back as a value. */
export function show({ status, text, took }, events) {
  const value = parse(text);
  const pretty = value === undefined ? text : JSON.stringify(value, null, 2);
  byId("answer").replaceChildren(...(pretty.length > COLOURED_MAX ? [pretty] : coloured(pretty)));
  const errors = value?.errors?.length ?? 0;
  const told = [
    make("strong", {}, say("status", status)),
    say("took", took.toFixed(1)),
    say("bytes", new TextEncoder().encode(text).length.toLocaleString()),
  ];
  if (events) told.push(say("events", events));
  if (errors) told.push(make("span", { className: "bad" }, say("errors", errors)));
  const version = value?.extensions?.version;
  if (version !== undefined) told.push(say("version", version));
  byId("status").replaceChildren(...told.flatMap((part, at) => (at ? [" · ", part] : [part])));
  return value;
}

/** Says something instead of an answer. */
export function tell(key, isBad = false) {
  byId("status").replaceChildren(make("span", { className: isBad ? "bad" : "" }, say(key)));
}

/** The cursor behind the first page in an answer that has a next one. */
export function nextCursor(value) {
  if (value === null || typeof value !== "object") return undefined;
  const info = value.pageInfo;
  if (info?.hasNextPage && typeof info.endCursor === "string") return info.endCursor;
  for (const part of Object.values(value)) {
    const cursor = nextCursor(part);
    if (cursor !== undefined) return cursor;
  }
  return undefined;
}
