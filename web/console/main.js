// The page: its parts put together.

import * as answer from "./answer.js";
import * as editor from "./editor.js";
import { byId, make } from "./element.js";
import * as explorer from "./explorer.js";
import { readSchema } from "./sdl.js";
import { ask, fetchSchema, subscribe } from "./wire.js";
import { say, speak, spoken } from "./words.js";

/** Kept for this tab alone; of these the token is the one that matters. */
const KEPT = ["query", "variables", "token", "purpose", "reference"];

let examples = [];
let analysis;
let running;
let cursor;

const keep = () => KEPT.forEach((id) => sessionStorage.setItem(`zhengxin.${id}`, byId(id).value));

function operation() {
  const { operations } = analysis;
  return operations.find(({ name }) => name && name === byId("operation").value) ?? operations[0];
}

function analysed(told) {
  analysis = told;
  const named = told.operations.filter(({ name }) => name);
  const choice = byId("operation");
  const chosen = choice.value;
  choice.replaceChildren(...named.map(({ name }) => make("option", { value: name }, name)));
  if (named.some(({ name }) => name === chosen)) choice.value = chosen;
  choice.hidden = named.length < 2;
}

function variables() {
  const text = byId("variables").value.trim();
  if (!text) return {};
  try {
    const value = JSON.parse(text);
    return value && typeof value === "object" && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

async function run() {
  keep();
  const chosen = operation();
  const given = variables();
  if (!chosen) return answer.tell("noOperation", true);
  if (!given) return answer.tell("badVariables", true);
  running?.abort();
  const mine = new AbortController();
  running = mine;
  byId("stop").disabled = false;
  byId("next").hidden = true;
  const asked = { query: editor.text(), variables: given, operationName: chosen.name || undefined };
  for (const id of ["token", "purpose", "reference"]) asked[id] = byId(id).value.trim();
  try {
    if (chosen.kind === "subscription") {
      let events = 0;
      answer.tell("listening");
      await subscribe(asked, mine.signal, (told) => answered(answer.show(told, ++events)));
      if (!events) answer.tell("completed");
    } else {
      answer.tell("asking");
      answered(answer.show(await ask(asked, mine.signal)));
    }
  } catch (error) {
    answer.tell(mine.signal.aborted ? "stopped" : "unreachable", !mine.signal.aborted);
  }
  if (running === mine) byId("stop").disabled = true;
}

function answered(value) {
  const version = value?.extensions?.version;
  if (version !== undefined) byId("version").textContent = say("version", version);
  cursor = answer.nextCursor(value?.data);
  const next = byId("next");
  next.hidden = cursor === undefined;
  next.disabled = !operation()?.variables.has("after");
  next.title = next.disabled ? say("needsPage") : "";
}

function turn() {
  byId("variables").value = JSON.stringify({ ...variables(), after: cursor }, null, 2);
  run();
}

/** By way of a selection: the clipboard itself is for pages over TLS only. */
function copy() {
  getSelection().selectAllChildren(byId("answer"));
  if (document.execCommand("copy")) byId("copy").textContent = say("copied");
}

function showExamples() {
  const parts = [];
  let role;
  for (const example of examples) {
    if (example.role !== role) {
      role = example.role;
      parts.push(make("h3", { className: "role" }, say(role)));
    }
    const use = () => {
      byId("variables").value = example.variables ? JSON.stringify(example.variables, null, 2) : "";
      byId("purpose").value = example.purpose ?? "";
      editor.setText(example.query.join("\n"));
      byId("query").focus();
      keep();
    };
    const title = make("strong", {}, example.title[spoken()]);
    parts.push(make("button", { type: "button", className: "example", onclick: use }, title, make("small", {}, example.note[spoken()])));
  }
  byId("examples").replaceChildren(...parts);
}

function tabs() {
  const all = [...byId("aside-tabs").children];
  const choose = (tab) => {
    for (const one of all) {
      const is = one === tab;
      one.setAttribute("aria-selected", String(is));
      one.tabIndex = is ? 0 : -1;
      byId(one.getAttribute("aria-controls")).hidden = !is;
    }
  };
  for (const [at, tab] of all.entries()) {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", ({ key }) => {
      if (key !== "ArrowLeft" && key !== "ArrowRight") return;
      const other = all[(at + (key === "ArrowRight" ? 1 : all.length - 1)) % all.length];
      choose(other);
      other.focus();
    });
  }
}

function chooseLanguage(language) {
  byId("language").value = language;
  sessionStorage.setItem("zhengxin.language", language);
  speak(language);
  showExamples();
  if (analysis) {
    explorer.show();
    editor.changed();
  }
}

async function start() {
  byId("where").textContent = new URL("graphql", location.href).href;
  for (const id of KEPT) byId(id).value = sessionStorage.getItem(`zhengxin.${id}`) ?? "";
  tabs();
  chooseLanguage(sessionStorage.getItem("zhengxin.language") ?? spoken());
  byId("language").addEventListener("change", ({ target }) => chooseLanguage(target.value));
  byId("run").addEventListener("click", run);
  byId("stop").addEventListener("click", () => running?.abort());
  byId("next").addEventListener("click", turn);
  byId("copy").addEventListener("click", copy);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
  });
  addEventListener("pagehide", keep);
  const told = await fetch(new URL("examples.json", import.meta.url), { credentials: "omit" });
  examples = await told.json();
  showExamples();
  try {
    const schema = readSchema(await fetchSchema());
    if (!byId("query").value) byId("query").value = examples[0].query.join("\n");
    editor.start(schema, analysed);
    explorer.start(schema);
    document.documentElement.dataset.ready = "yes";
  } catch (error) {
    answer.tell("noSchema", true);
  }
}

start();
