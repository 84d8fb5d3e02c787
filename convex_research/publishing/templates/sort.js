// Tables with the class "sortable": a press on a head sorts by its column.
// A cell may carry data-sort, a plain number or text to sort by; else its text is taken.
const worth = (text) => {
  const raw = text.trim();
  const number = parseFloat(raw.replace(/−/g, "-").replace(/[,\s]/g, ""));
  return /^[+−-]?[\d.]/.test(raw) && !/^\d{4}-\d\d/.test(raw) && !isNaN(number) ? number : raw;
};
// What has no number, such as "not computed", stays last in both directions.
const compare = (x, y, way) =>
  typeof x !== typeof y ? (typeof x === "number" ? -1 : 1)
    : way * (typeof x === "number" ? x - y : x.localeCompare(y));
const sorted = (items, text, way) =>
  items.map((item) => [worth(text(item)), item]).sort(([x], [y]) => compare(x, y, way)).map(([, item]) => item);
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, at) => {
    if (head.hasAttribute("data-fixed")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const way = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", way > 0 ? "ascending" : "descending");
      // Whoever draws a table in pages sorts what is not drawn as well.
      if (!table.dispatchEvent(new CustomEvent("sort", { cancelable: true, detail: { at, way } }))) return;
      const cell = (row) => row.cells[at]?.dataset.sort ?? row.cells[at]?.textContent ?? "";
      body.append(...sorted([...body.rows], cell, way));
    });
  });
}
