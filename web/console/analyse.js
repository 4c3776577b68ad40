// A document against the schema: what does not fit, and what may stand at each place.

import { meaningful } from "./lexer.js";

const END = { kind: "end", text: "", start: Infinity, end: Infinity };
const META = { written: "String!", named: "String" };

class Analysis {
  constructor(text, schema) {
    this.length = text.length;
    this.tokens = meaningful(text);
    this.at = 0;
    this.schema = schema;
    this.problems = [];
    this.regions = [];
    this.operations = [];
    this.fragments = new Map();
    this.spreads = [];
  }
  get now() {
    return this.tokens[this.at] ?? END;
  }
  is(text) {
    return this.now.text === text && this.now.kind !== "string";
  }
  skip(text) {
    const is = this.is(text);
    if (is) this.at += 1;
    return is;
  }
  wrong(token, key, ...words) {
    const end = Math.min(token.end, this.length);
    const start = Math.min(token.start, Math.max(0, this.length - 1));
    this.problems.push({ start, end: Math.max(end, start + 1), key, words });
  }
  name() {
    if (this.now.kind === "name") return this.tokens[this.at++];
    this.wrong(this.now, "nameExpected");
    return undefined;
  }
  type(name) {
    return name ? this.schema.types.get(name) : undefined;
  }
  /** A part between two marks; tokens that fit nothing are passed over. */
  between(open, close, what, region) {
    const start = this.now.end;
    if (!this.skip(open)) return;
    while (!this.is(close) && this.now !== END) {
      const before = this.at;
      what();
      if (this.at === before) {
        this.wrong(this.now, "unexpected", this.now.text);
        this.at += 1;
      }
    }
    this.regions.push({ start, end: Math.min(this.now.start, this.length), ...region });
    if (!this.skip(close)) this.wrong(END, "missing", close);
  }

  document() {
    while (this.now !== END) {
      const { roots } = this.schema;
      if (this.is("{")) {
        this.operation("query", roots.query);
      } else if (["query", "mutation", "subscription"].includes(this.now.text)) {
        const kind = this.tokens[this.at++].text;
        this.operation(kind, roots[kind]);
      } else if (this.skip("fragment")) {
        this.fragment();
      } else {
        this.wrong(this.now, "unexpected", this.now.text);
        this.at += 1;
      }
    }
    for (const spread of this.spreads) {
      if (!this.fragments.has(spread.text)) this.wrong(spread, "noFragment", spread.text);
    }
  }
  operation(kind, root) {
    const operation = { kind, name: "", variables: new Map(), start: this.now.start };
    this.operations.push(operation);
    if (this.now.kind === "name") operation.name = this.tokens[this.at++].text;
    this.variables = operation.variables;
    this.between("(", ")", () => this.variable(operation), { kind: "variables" });
    this.directives();
    if (!this.type(root)) this.wrong(this.tokens[this.at - 1] ?? this.now, "noRoot", kind);
    this.selection(this.type(root));
  }
  variable(operation) {
    if (!this.skip("$")) return;
    const name = this.name();
    this.skip(":");
    let written = "";
    let named = "";
    while (this.is("[") || this.is("]") || this.is("!") || (this.now.kind === "name" && !named)) {
      if (this.now.kind === "name") {
        named = this.now.text;
        if (!this.type(named)) this.wrong(this.now, "noType", named);
      }
      written += this.tokens[this.at++].text;
    }
    if (name) operation.variables.set(name.text, written);
    if (this.skip("=")) this.value({ named, written });
    this.directives();
  }
  fragment() {
    const name = this.name();
    const type = this.condition();
    if (name) this.fragments.set(name.text, type?.name);
    this.variables = undefined;
    this.directives();
    this.selection(type);
  }
  condition() {
    if (!this.skip("on")) {
      this.wrong(this.now, "missing", "on");
      return undefined;
    }
    const name = this.name();
    if (name && !this.type(name.text)) this.wrong(name, "noType", name.text);
    return this.type(name?.text);
  }
  directives() {
    while (this.skip("@")) {
      this.name();
      const inputs = new Map([["if", { name: "if", description: "", type: { written: "Boolean!", named: "Boolean" } }]]);
      this.arguments(inputs);
    }
  }
  selection(type) {
    if (!this.is("{")) {
      this.wrong(this.tokens[this.at - 1] ?? this.now, "needsFields");
      return;
    }
    this.between("{", "}", () => this.selected(type), { kind: "fields", type });
  }
  selected(type) {
    if (this.skip("...")) {
      if (this.is("on") || this.is("@") || this.is("{")) {
        const narrowed = this.is("on") ? this.condition() : type;
        this.directives();
        this.selection(narrowed);
      } else {
        const name = this.name();
        if (name) this.spreads.push(name);
        this.directives();
      }
      return;
    }
    if (this.now.kind !== "name") return;
    let name = this.tokens[this.at++];
    if (this.skip(":")) name = this.name();
    const field = name && this.field(type, name);
    this.arguments(field?.inputs, field && name);
    this.directives();
    const inner = this.type(field?.type.named);
    const isLeaf = inner && (inner.kind === "scalar" || inner.kind === "enum");
    if (this.is("{")) {
      if (isLeaf) this.wrong(this.now, "noFieldsIn", inner.name);
      this.selection(inner);
    } else if (field && inner && !isLeaf) {
      this.wrong(name, "needsFields");
    }
  }
  field(type, name) {
    if (name.text === "__typename") return { inputs: new Map(), type: META };
    const field = type?.fields.get(name.text);
    if (type && !field && !name.text.startsWith("__")) this.wrong(name, "noField", name.text, type.name);
    return field;
  }
  arguments(inputs, of) {
    const given = new Set();
    this.between("(", ")", () => this.input(inputs, given), { kind: "inputs", inputs });
    if (!of || !inputs) return;
    for (const input of inputs.values()) {
      const isNeeded = input.type.written.endsWith("!") && input.fallback === undefined;
      if (isNeeded && !given.has(input.name)) this.wrong(of, "missing", input.name);
    }
  }
  input(inputs, given) {
    if (this.now.kind !== "name") return;
    const name = this.tokens[this.at++];
    given.add(name.text);
    const input = inputs?.get(name.text);
    if (inputs && !input) this.wrong(name, "noInput", name.text);
    if (!this.skip(":")) this.wrong(this.now, "missing", ":");
    this.value(input?.type);
  }
  value(type) {
    const token = this.now;
    const inner = this.type(type?.named);
    const start = this.tokens[this.at - 1]?.end ?? token.start;
    this.regions.push({ start, end: Math.min(token.end, this.length), kind: "value", type: inner });
    if (this.skip("$")) {
      const name = this.name();
      if (name && this.variables && !this.variables.has(name.text)) this.wrong(name, "noVariable", name.text);
    } else if (this.is("[")) {
      this.between("[", "]", () => this.value(type), { kind: "value", type: inner });
    } else if (this.is("{")) {
      const given = new Set();
      const inputs = inner?.kind === "input" ? inner.inputs : undefined;
      this.between("{", "}", () => this.input(inputs, given), { kind: "inputs", inputs });
    } else if (["name", "number", "string", "block"].includes(token.kind)) {
      this.at += 1;
      const isWord = token.kind === "name" && token.text !== "null";
      const isOneOf = inner?.kind === "enum" && !inner.values.has(token.text);
      if (isWord && isOneOf) this.wrong(token, "noValue", token.text, inner.name);
    }
  }
}

/** Problems with their places, what may stand where, and the operations with their variables. */
export function analyse(text, schema) {
  const analysis = new Analysis(text, schema);
  analysis.document();
  for (const token of analysis.tokens) {
    if (token.kind === "wrong") analysis.wrong(token, "unexpected", token.text);
  }
  const { problems, regions, operations, fragments, tokens } = analysis;
  problems.sort((a, b) => a.start - b.start);
  return { problems, regions, operations, fragments, tokens };
}
