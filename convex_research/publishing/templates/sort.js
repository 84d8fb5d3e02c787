// Tables with the class "sortable": a press on a head sorts by its column.
// A cell may carry data-sort, a plain number or text to sort by; else its text is taken.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const worth = (row, at) => {
    const cell = row.cells[at];
    const raw = (cell && (cell.dataset.sort ?? cell.textContent).trim()) || "";
    const number = parseFloat(raw.replace(/−/g, "-").replace(/[,\s]/g, ""));
    return /^[+−-]?[\d.]/.test(raw) && !/^\d{4}-\d\d/.test(raw) && !isNaN(number) ? number : raw;
  };
  // Cells without a number, such as "not computed", stay last in both directions.
  const compare = (x, y, way) =>
    typeof x !== typeof y ? (typeof x === "number" ? -1 : 1)
      : way * (typeof x === "number" ? x - y : x.localeCompare(y));
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
      const rows = [...body.rows].map((row) => [worth(row, at), row]);
      rows.sort(([x], [y]) => compare(x, y, way));
      body.append(...rows.map(([, row]) => row));
    });
  });
}
