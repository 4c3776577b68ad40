// The schema to leaf through.

import { byId, make } from "./element.js";
import { half, say } from "./words.js";

const FOUND_MAX = 60;

let schema;
let trail = [];

export function start(known) {
  schema = known;
  byId("search").addEventListener("input", show);
  show();
}

/** Goes to a type; to the list of all where none is named. */
export function go(name) {
  const at = trail.indexOf(name);
  trail = at < 0 ? [...trail, name] : trail.slice(0, at + 1);
  byId("search").value = "";
  show();
  byId("described").focus();
}

export function show() {
  const word = byId("search").value.trim().toLowerCase();
  const home = () => {
    trail = [];
    byId("search").value = "";
    show();
  };
  const steps = trail.flatMap((name) => [" › ", link(name)]);
  byId("trail").replaceChildren(make("button", { type: "button", onclick: home }, say("all")), ...(word ? [] : steps));
  const last = schema.types.get(trail.at(-1));
  byId("described").replaceChildren(...(word ? found(word) : last ? described(last) : all()));
}

function link(name, label = name) {
  return make("button", { type: "button", onclick: () => go(name) }, label);
}

/** A type as it is written, its name a link. */
function typeOf({ written, named }) {
  const at = written.indexOf(named);
  return [written.slice(0, at), link(named), written.slice(at + named.length)];
}

function entry(...parts) {
  return make("dt", {}, ...parts);
}

function note(text) {
  return text ? [make("dd", {}, half(text))] : [];
}

function all() {
  const { roots, types } = schema;
  const first = Object.values(roots).filter((name) => types.has(name));
  const names = [...types.keys()].filter((name) => !first.includes(name)).sort();
  const list = [...first, ...names].flatMap((name) => [entry(link(name)), ...note(types.get(name).description)]);
  return [make("dl", {}, ...list)];
}

function found(word) {
  const hits = [];
  const holds = (text) => text.toLowerCase().includes(word);
  for (const type of schema.types.values()) {
    if (holds(type.name) || holds(type.description)) hits.push([link(type.name), type]);
    for (const part of [...type.fields.values(), ...type.inputs.values(), ...type.values.values()]) {
      if (holds(part.name) || holds(part.description)) hits.push([link(type.name, `${type.name}.${part.name}`), part]);
    }
  }
  const list = hits.slice(0, FOUND_MAX).flatMap(([name, { description }]) => [entry(name), ...note(description)]);
  return [make("p", { role: "status" }, say("found", hits.length)), make("dl", {}, ...list)];
}

function described(type) {
  const list = [];
  for (const field of type.fields.values()) {
    const name = make("span", { className: field.isDeprecated ? "gone" : "" }, field.name);
    const inputs = [...field.inputs.values()];
    list.push(entry(name, ": ", ...typeOf(field.type)), ...note(field.description));
    if (inputs.length > 0) {
      const told = inputs.map((input) => make("li", {}, ...inputOf(input)));
      list.push(make("dd", {}, make("details", {}, make("summary", {}, say("arguments")), make("ul", {}, ...told))));
    }
  }
  for (const input of type.inputs.values()) list.push(entry(...inputOf(input, false)), ...note(input.description));
  for (const value of type.values.values()) list.push(entry(value.name), ...note(value.description));
  for (const member of type.members) list.push(entry(link(member)), ...note(schema.types.get(member)?.description ?? ""));
  return [
    make("h3", {}, `${type.kind} ${type.name}`),
    make("p", {}, half(type.description)),
    make("dl", {}, ...list),
  ];
}

function inputOf({ name, type, fallback, description }, isNoted = true) {
  const standing = fallback === undefined ? "" : ` = ${fallback}`;
  const said = isNoted && description ? ` — ${half(description)}` : "";
  return [`${name}: `, ...typeOf(type), standing, said];
}
