// Pairs are found by words, category and flag. Without this script every pair is shown, in parts if
// there are many; with it they are drawn from the data beside the table, a page at a time.
const by = (id) => document.getElementById(id);
const [tools, table, found, none, block] = ["tools", "pairs", "found", "none", "data"].map(by);
const fields = [["q", by("q")], ["c", by("c")], ["f", by("f")]];
const [words, category, flag] = fields.map(([, field]) => field);
const plain = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");
const many = (count) => count.toLocaleString("en");
const body = table.tBodies[0];
const size = body.rows.length;
const tag = (name, text, more) => Object.assign(document.createElement(name), { textContent: text, ...more });
const draw = ([slug, href, title, side, legs, line, flags, answers, [path, label], of, day]) => {
  const row = by("row").content.firstElementChild.cloneNode(true);
  const [head, lines, ...cells] = row.cells;
  row.id = slug;
  Object.assign(head.firstElementChild, { href, textContent: title });
  const links = side ? [[side, "Side by side"], ...legs] : legs;
  head.lastElementChild.replaceChildren(...links.map(([to, name]) => tag("a", name, { href: to })));
  lines.prepend(line);
  lines.lastElementChild.append(...flags.map(([id, name]) => tag("span", name, { className: `flag ${id}` })));
  answers.forEach(([word, number, ends, what, weight], k) => {
    [word, number, ends, what].forEach((text, at) => { cells[k].children[at].textContent = text; });
    cells[k].firstElementChild.className = weight;
  });
  const picture = cells[5].firstElementChild;
  if (path) picture.firstElementChild.setAttribute("d", path), picture.setAttribute("aria-label", label);
  else picture.remove();
  cells[6].prepend(day);
  cells[6].lastElementChild.textContent = of;
  return row;
};
let pairs = block
  ? JSON.parse(block.textContent).map((one) => ({
    text: plain([one[0], one[2], ...one[4].map(([, name]) => name), one[9]].join(" ")), of: one[9], flags: one[11].split(" "), row: () => draw(one),
    sort: (at) => [one[2], one[5], ...one[7].map((cell) => cell[5]), one[8][2], one[10]][at],
  }))
  : [...body.rows].map((row) => ({
    text: plain(`${row.id} ${row.cells[0].textContent} ${row.dataset.c}`), of: row.dataset.c, flags: row.dataset.f.split(" "), row: () => row,
  }));
let from = 0;
const show = () => {
  const wanted = plain(words.value).split(/[\s,]+/).filter(Boolean);
  const fits = pairs.filter((pair) => wanted.every((word) => pair.text.includes(word)) &&
    (!category.value || pair.of === category.value) && (!flag.value || pair.flags.includes(flag.value)));
  if (block) {
    from = Math.max(0, Math.min(from, Math.ceil(fits.length / size - 1) * size));
    const last = Math.min(from + size, fits.length);
    body.replaceChildren(...fits.slice(from, last).map((pair) => pair.row()));
    by("turn").hidden = fits.length <= size;
    by("where").textContent = `${many(from + 1)} to ${many(last)} of ${many(fits.length)}`;
    by("back").disabled = !from;
    by("on").disabled = last === fits.length;
  } else {
    const shown = new Set(fits);
    for (const pair of pairs) pair.row().hidden = !shown.has(pair);
  }
  found.textContent = fits.length === pairs.length ? `${many(pairs.length)} pairs` : `${many(fits.length)} of ${many(pairs.length)} pairs`;
  none.hidden = fits.length > 0;
  const state = new URLSearchParams(fields.filter(([, field]) => field.value).map(([name, field]) => [name, field.value]));
  // Kept in the address, so that a view can be sent to somebody.
  try { history.replaceState(null, "", `${location.pathname}${state.size ? `?${state}` : ""}${location.hash}`); } catch { /* a file opened without a server */ }
};
const anew = () => { from = 0; show(); };
const clear = () => { for (const [, field] of fields) field.value = ""; anew(); words.focus(); };
const turn = (pages) => { from += pages * size; show(); table.scrollIntoView(); };
const asked = new URLSearchParams(location.search);
for (const [name, field] of fields) field.value = asked.get(name) || "";
tools.hidden = false;
tools.addEventListener("input", anew);
tools.addEventListener("reset", (event) => { event.preventDefault(); clear(); });
tools.addEventListener("submit", (event) => {
  event.preventDefault();
  const first = table.querySelector("tbody tr:not([hidden]) a");
  if (first && words.value) first.click();
});
by("clear").addEventListener("click", clear);
if (block) {
  by("parts").hidden = true;
  by("back").addEventListener("click", () => turn(-1));
  by("on").addEventListener("click", () => turn(1));
  table.addEventListener("sort", (event) => {
    event.preventDefault();
    pairs = sorted(pairs, (pair) => pair.sort(event.detail.at), event.detail.way);
    anew();
  });
}
document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    words.focus();
  } else if (event.key === "Escape" && document.activeElement === words) {
    words.value = "";
    anew();
  }
});
show();
