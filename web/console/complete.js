// What may be written at a place.

import { analyse } from "./analyse.js";

const PROPOSALS_MAX = 50;

function start(text, at) {
  let from = at;
  while (from > 0 && /[_0-9A-Za-z]/.test(text[from - 1])) from -= 1;
  return from;
}

/** The region of the smallest extent that holds the place. */
function innermost(regions, at) {
  const around = regions.filter((region) => region.start <= at && at <= region.end);
  around.sort((a, b) => a.end - a.start - (b.end - b.start));
  return around[0];
}

function candidates(schema, analysis, before, at) {
  const { types } = schema;
  const ofKind = (kinds) => [...types.values()].filter(({ kind }) => kinds.includes(kind));
  const last = before.at(-1)?.text;
  const region = innermost(analysis.regions, at);
  if (last === "on") {
    const possible = region?.type ? [region.type.name, ...region.type.members] : [];
    return ofKind(["type", "interface"]).filter(({ name }) => !region?.type || possible.includes(name));
  }
  if (last === "...") {
    return [...[...analysis.fragments.keys()].map((name) => ({ name })), { name: "on" }];
  }
  const words = (names) => names.map((name) => ({ name }));
  if (!region) return words(["query", "mutation", "subscription", "fragment"]);
  if (last === "$" && region.kind !== "variables") {
    const operation = analysis.operations.filter((one) => one.start <= at).at(-1);
    return [...(operation?.variables ?? [])].map(([name, type]) => ({ name, type: { written: type } }));
  }
  switch (region.kind) {
    case "fields":
      return [...(region.type?.fields.values() ?? [])];
    case "inputs":
      return [...(region.inputs?.values() ?? [])];
    case "variables":
      return last === "$" ? [] : ofKind(["scalar", "enum", "input"]);
    default:
      if (region.type?.name === "Boolean") return words(["true", "false"]);
      return [...(region.type?.values.values() ?? [])];
  }
}

/** Proposals for the word that ends at the place, and where it begins. */
export function complete(text, at, schema) {
  const from = start(text, at);
  const word = text.slice(from, at).toLowerCase();
  // The word itself may be half a name: what fits is told by what stands around it.
  const analysis = analyse(text.slice(0, from) + " ".repeat(at - from) + text.slice(at), schema);
  const before = analysis.tokens.filter(({ end }) => end <= from);
  const fitting = candidates(schema, analysis, before, from).filter(({ name }) => name.toLowerCase().includes(word));
  fitting.sort((a, b) => Number(b.name.toLowerCase().startsWith(word)) - Number(a.name.toLowerCase().startsWith(word)));
  const isWhole = fitting.length === 1 && fitting[0].name.toLowerCase() === word;
  return { from, proposals: isWhole ? [] : fitting.slice(0, PROPOSALS_MAX) };
}
