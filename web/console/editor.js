// The query: coloured, underlined where it does not fit, completed.

import { analyse } from "./analyse.js";
import { complete } from "./complete.js";
import { byId, make } from "./element.js";
import { lex } from "./lexer.js";
import { half, say } from "./words.js";

const WORDS = new Set(["query", "mutation", "subscription", "fragment", "on", "true", "false", "null"]);
const COLOURED_MAX = 100_000;

const area = byId("query");
const shown = byId("shown");
const list = byId("proposals");
let schema;
let proposals = [];
let from = 0;
let picked = 0;
let onChange = () => {};

export const text = () => area.value;

export function setText(value) {
  area.value = value;
  area.setSelectionRange(0, 0);
  area.scrollTop = 0;
  changed();
}

/** Begins, telling the analysis of what is written whenever it changes. */
export function start(known, tell) {
  schema = known;
  onChange = tell;
  area.addEventListener("input", () => {
    changed();
    propose(/[_A-Za-z$]/.test(area.value[area.selectionStart - 1] ?? ""));
  });
  area.addEventListener("scroll", follow);
  area.addEventListener("keydown", pressed);
  area.addEventListener("blur", close);
  area.addEventListener("click", close);
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const item = event.target.closest("li");
    if (item) accept(Number(item.dataset.at));
  });
  changed();
}

export function changed() {
  const analysis = analyse(area.value, schema);
  paint(analysis.problems);
  listProblems(analysis.problems);
  onChange(analysis);
}

function follow() {
  shown.scrollTop = area.scrollTop;
  shown.scrollLeft = area.scrollLeft;
}

function paint(problems) {
  const value = area.value;
  if (value.length > COLOURED_MAX) {
    shown.replaceChildren(value + "\n");
    return;
  }
  const pieces = lex(value).map(({ kind, text, start, end }) => {
    const colour = kind === "name" && WORDS.has(text) ? "word" : kind;
    const isWrong = problems.some((problem) => problem.start < end && start < problem.end);
    return make("span", { className: `t-${colour}${isWrong && kind !== "space" ? " wrong" : ""}` }, text);
  });
  shown.replaceChildren(...pieces, "\n");
  follow();
}

function listProblems(problems) {
  const items = problems.slice(0, 5).map(({ start, key, words }) => {
    const lines = area.value.slice(0, start).split("\n");
    const told = say("place", lines.length, lines.at(-1).length + 1) + say(key, ...words);
    const go = () => {
      area.focus();
      area.setSelectionRange(start, start);
    };
    return make("li", {}, make("button", { type: "button", onclick: go }, told));
  });
  byId("problems").replaceChildren(...(area.value.trim() ? items : []));
}

function propose(isWanted) {
  const at = area.selectionStart;
  const told = isWanted ? complete(area.value, at, schema) : { from: at, proposals: [] };
  ({ from, proposals } = told);
  picked = 0;
  if (proposals.length === 0) return close();
  const items = proposals.map((proposal, number) => {
    const type = proposal.type ? make("code", {}, ": " + proposal.type.written) : "";
    const note = proposal.description ? make("small", {}, half(proposal.description)) : "";
    const item = make("li", { role: "option", id: `proposal-${number}`, "aria-selected": "false" }, make("code", {}, proposal.name), type, note);
    item.dataset.at = number;
    return item;
  });
  list.replaceChildren(...items);
  list.hidden = false;
  area.setAttribute("aria-expanded", "true");
  place();
  pick(0);
}

/** Puts the list under the word. */
function place() {
  const range = document.createRange();
  let left = from;
  for (const node of shown.childNodes) {
    const inside = node.firstChild ?? node;
    if (left <= inside.length) {
      range.setStart(inside, left);
      break;
    }
    left -= inside.length;
  }
  range.collapse(true);
  const word = range.getBoundingClientRect();
  const frame = byId("editor").getBoundingClientRect();
  list.style.left = `${Math.max(0, Math.min(word.left - frame.left, frame.width - 260))}px`;
  list.style.top = `${word.bottom - frame.top + 4}px`;
}

function pick(number) {
  picked = (number + proposals.length) % proposals.length;
  list.childNodes.forEach((item, at) => item.setAttribute("aria-selected", String(at === picked)));
  list.childNodes[picked].scrollIntoView({ block: "nearest" });
  area.setAttribute("aria-activedescendant", `proposal-${picked}`);
}

function close() {
  proposals = [];
  list.hidden = true;
  area.setAttribute("aria-expanded", "false");
  area.removeAttribute("aria-activedescendant");
}

function accept(number) {
  insert(proposals[number].name, from);
  close();
}

/** Writes so that it can be undone. */
function insert(value, start = area.selectionStart) {
  area.focus();
  area.setSelectionRange(start, area.selectionEnd);
  const isWritten = document.execCommand("insertText", false, value);
  if (!isWritten) {
    area.setRangeText(value, start, area.selectionEnd, "end");
    changed();
  }
}

function pressed(event) {
  const isOpen = proposals.length > 0;
  if (event.key === " " && event.ctrlKey) propose(true);
  else if (isOpen && event.key === "ArrowDown") pick(picked + 1);
  else if (isOpen && event.key === "ArrowUp") pick(picked - 1);
  else if (isOpen && event.key === "Escape") close();
  else if (isOpen && (event.key === "Enter" || event.key === "Tab") && !event.ctrlKey) accept(picked);
  else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.isComposing) indent();
  else return;
  event.preventDefault();
}

/** A new line begins where the last one did, deeper behind an opening bracket. */
function indent() {
  const before = area.value.slice(0, area.selectionStart);
  const [space] = /[ \t]*/.exec(before.slice(before.lastIndexOf("\n") + 1));
  const isOpen = /[{([]\s*$/.test(before);
  insert("\n" + space + (isOpen ? "  " : ""));
}
