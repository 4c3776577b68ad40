// GraphQL text as tokens. Nothing is refused: what fits nothing is a token of the kind "wrong".

const PARTS = [
  ["space", /[\s,\ufeff]+/y],
  ["comment", /#[^\n\r]*/y],
  ["name", /[_A-Za-z][_0-9A-Za-z]*/y],
  ["number", /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y],
  ["block", /"""(?:[^"\\]|\\"""|\\|"(?!""))*"""/y],
  ["string", /"(?!"")(?:[^"\\\n\r]|\\.)*"|""(?!")/y],
  ["mark", /\.\.\.|[!$&()\[\]{}:=@|]/y],
];

/** All tokens with their places, spaces and comments among them. */
export function lex(text) {
  const tokens = [];
  let at = 0;
  while (at < text.length) {
    let kind = "wrong";
    let end = at + 1;
    for (const [name, part] of PARTS) {
      part.lastIndex = at;
      if (part.test(text)) {
        kind = name;
        end = part.lastIndex;
        break;
      }
    }
    tokens.push({ kind, text: text.slice(at, end), start: at, end });
    at = end;
  }
  return tokens;
}

/** The tokens that mean something. */
export function meaningful(text) {
  return lex(text).filter(({ kind }) => kind !== "space" && kind !== "comment");
}
