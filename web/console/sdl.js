// The schema, read from its own text.

import { meaningful } from "./lexer.js";

const KINDS = new Set(["scalar", "type", "interface", "union", "enum", "input"]);

class Reader {
  constructor(text) {
    this.tokens = meaningful(text);
    this.at = 0;
  }
  get now() {
    return this.tokens[this.at] ?? { kind: "end", text: "" };
  }
  take() {
    const token = this.now;
    this.at += 1;
    return token.text;
  }
  is(text) {
    return this.now.text === text && this.now.kind !== "string";
  }
  skip(text) {
    const is = this.is(text);
    if (is) this.at += 1;
    return is;
  }
  description() {
    if (this.now.kind === "block") return dedent(this.take().slice(3, -3));
    if (this.now.kind === "string") return JSON.parse(this.take());
    return "";
  }
  /** A type as it is written, with the name in it. */
  type() {
    let written = "";
    let named = "";
    while (this.is("[") || this.is("]") || this.is("!") || (this.now.kind === "name" && !named)) {
      if (this.now.kind === "name") named = this.now.text;
      written += this.take();
    }
    return { written, named };
  }
  value() {
    if (this.is("[") || this.is("{")) {
      const first = this.at;
      let depth = 0;
      do {
        if (this.is("[") || this.is("{")) depth += 1;
        if (this.is("]") || this.is("}")) depth -= 1;
        this.at += 1;
      } while (depth > 0 && this.now.kind !== "end");
      return this.tokens.slice(first, this.at).map(({ text }) => text).join(" ");
    }
    return this.take();
  }
  directives() {
    const told = {};
    while (this.skip("@")) {
      const name = this.take();
      told[name] = this.is("(") ? this.inputs("(", ")") : new Map();
    }
    return told;
  }
  /** Arguments, or the fields of an input. Of a directive in use the default is what is said. */
  inputs(open, close) {
    const inputs = new Map();
    if (!this.skip(open)) return inputs;
    while (!this.skip(close) && this.now.kind !== "end") {
      const description = this.description();
      const name = this.take();
      this.skip(":");
      const isType = this.now.kind === "name" || this.is("[");
      const type = isType ? this.type() : { written: this.value(), named: "" };
      const fallback = this.skip("=") ? this.value() : undefined;
      this.directives();
      inputs.set(name, { name, description, type, fallback });
    }
    return inputs;
  }
  fields() {
    const fields = new Map();
    if (!this.skip("{")) return fields;
    while (!this.skip("}") && this.now.kind !== "end") {
      const description = this.description();
      const name = this.take();
      const inputs = this.inputs("(", ")");
      this.skip(":");
      const type = this.type();
      const isDeprecated = "deprecated" in this.directives();
      fields.set(name, { name, description, inputs, type, isDeprecated });
    }
    return fields;
  }
  values() {
    const values = new Map();
    if (!this.skip("{")) return values;
    while (!this.skip("}") && this.now.kind !== "end") {
      const description = this.description();
      const name = this.take();
      this.directives();
      values.set(name, { name, description });
    }
    return values;
  }
  names(mark) {
    const names = [];
    this.skip(mark);
    do {
      names.push(this.take());
    } while (this.skip(mark));
    return names;
  }
  definition(kind, description) {
    const name = this.take();
    const type = { kind, name, description, fields: new Map(), inputs: new Map(), values: new Map(), members: [], interfaces: [] };
    if (this.skip("implements")) type.interfaces = this.names("&");
    this.directives();
    if (kind === "union" && this.skip("=")) type.members = this.names("|");
    if (kind === "enum") type.values = this.values();
    else if (kind === "input") type.inputs = this.inputs("{", "}");
    else type.fields = this.fields();
    return type;
  }
}

/** The types by their names, and the three roots. */
export function readSchema(text) {
  const reader = new Reader(text);
  const types = new Map();
  const roots = { query: "Query", mutation: "Mutation", subscription: "Subscription" };
  while (reader.now.kind !== "end") {
    const description = reader.description();
    const word = reader.take();
    if (KINDS.has(word)) {
      const type = reader.definition(word, description);
      types.set(type.name, type);
    } else if (word === "schema") {
      reader.directives();
      for (const [root, { type }] of reader.inputs("{", "}")) roots[root] = type.named;
    }
  }
  for (const scalar of ["Int", "Float", "String", "Boolean", "ID"]) {
    if (!types.has(scalar)) types.set(scalar, new Reader(scalar).definition("scalar", ""));
  }
  for (const type of types.values()) {
    if (type.kind === "interface") {
      type.members = [...types.values()].filter(({ interfaces }) => interfaces.includes(type.name)).map(({ name }) => name);
    }
  }
  return { types, roots };
}

function dedent(text) {
  return text.split("\n").map((line) => line.trim()).join("\n").trim();
}
