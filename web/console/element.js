// Elements, made of names and texts and of nothing else: no text ever becomes markup.

/** An element with properties and children; texts become text nodes. */
export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key.includes("-") || key === "role") element.setAttribute(key, value);
    else element[key] = value;
  }
  element.append(...children.filter((child) => child !== undefined && child !== ""));
  return element;
}

export const byId = (id) => document.getElementById(id);
