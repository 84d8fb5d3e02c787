// A cell of the map says what it is, and leads to the pair's page or to the command that makes it.
for (const map of document.querySelectorAll(".map")) {
  const svg = map.querySelector("svg");
  const said = map.querySelector(".cell");
  const [names, symbols] = [map.dataset.names, map.dataset.symbols].map((text) => text.split("|"));
  const values = map.dataset.r.split(",");
  const pages = new Map(map.dataset.pages.split(",").filter(Boolean).map((one) => {
    const [, i, j, page] = one.match(/^(\d+):(\d+):(.*)$/);
    return [`${i}:${j}`, page];
  }));
  const at = ({ clientX, clientY }) => {
    const box = svg.getBoundingClientRect();
    const unit = svg.viewBox.baseVal.width / box.width;
    return [clientY - box.top, clientX - box.left].map((x) => Math.floor((x * unit - svg.dataset.left) / svg.dataset.size));
  };
  const quoted = (text) => (/^[\w:.,/@%+=-]+$/.test(text) ? text : `'${text.replace(/'/g, `'"'"'`)}'`);
  const tell = (event) => {
    const [i, j] = at(event).sort((x, y) => y - x);
    if (i === j || j < 0 || i >= names.length) return null;
    const r = values[(i * (i - 1)) / 2 + j];
    const page = pages.get(`${i}:${j}`);
    const value = r ? `${r > 0 ? "+" : r < 0 ? "−" : ""}${(Math.abs(r) / 100).toFixed(2)}` : "not computed";
    said.replaceChildren(`${names[j]} and ${names[i]}: ${value}. `);
    if (page) said.append(Object.assign(document.createElement("a"), { href: page, textContent: "Page of the pair" }));
    else said.append(Object.assign(document.createElement("code"), { textContent: `convex-research report ${quoted(symbols[j])} ${quoted(symbols[i])}` }));
    return page;
  };
  svg.addEventListener("pointermove", tell);
  svg.addEventListener("click", (event) => {
    const page = tell(event);
    if (page) location.href = page;
  });
}
