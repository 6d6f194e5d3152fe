// Elements: text from the service only ever becomes text nodes, so markup in a report stays text.

export const byId = (id) => document.getElementById(id);

export function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function button(className, action, ...children) {
  const made = element("button", className, ...children);
  made.type = "button";
  made.addEventListener("click", () => action(made));
  return made;
}

// A thumb, up or down, drawn: not every machine has a font with pictures.
export function thumb(down) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("viewBox", "0 0 16 16");
  picture.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", "M1 7h3v8H1zM5 7l3-6c2 0 2 2 1.5 5H14c1 0 1.500.8 1.300 1.600l-1.500 6c-.2.8-.8 1.400-1.600 1.400H5z");
  if (down) path.setAttribute("transform", "rotate(180 8 8)");
  picture.append(path);
  return picture;
}

// A table of strings and nodes; the first row holds the headers.
export function grid(caption, head, rows) {
  const cell = (tag) => (content) => {
    const made = element(tag, "", content);
    if (tag === "th") made.scope = "col";
    return made;
  };
  const table = element(
    "table",
    "",
    caption ? element("caption", "", caption) : null,
    element("thead", "", element("tr", "", ...head.map(cell("th")))),
    element("tbody", "", ...rows.map((row) => element("tr", "", ...row.map(cell("td"))))),
  );
  const wide = element("div", "wide", table);
  wide.tabIndex = 0;
  wide.setAttribute("role", "region");
  wide.setAttribute("aria-label", caption || "");
  return wide;
}

// Says something to those who hear the page.
export function announce(words) {
  byId("status").textContent = words;
}
