// Evidence in a dialog: <a class="evidence" href="#ID"> shows the element with that id.
const dialog = document.createElement("dialog");
let opener = null;
const closeButton = document.createElement("button");
closeButton.type = "button";
closeButton.className = "close";
closeButton.textContent = "Close";
closeButton.addEventListener("click", () => dialog.close());
dialog.setAttribute("aria-label", "Evidence");
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
dialog.addEventListener("close", () => { dialog.replaceChildren(); if (opener) opener.focus(); });
document.body.append(dialog);
document.addEventListener("click", (event) => {
  const link = event.target.closest && event.target.closest("a.evidence");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const item = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!item || !dialog.showModal) return;
  event.preventDefault();
  const shown = (item.closest("article") || item).cloneNode(true);
  shown.removeAttribute("id");
  for (const inner of shown.querySelectorAll("[id]")) inner.removeAttribute("id");
  for (const inner of shown.querySelectorAll("details")) inner.open = true;
  if (!dialog.open) opener = link;
  dialog.replaceChildren(closeButton, shown);
  if (!dialog.open) dialog.showModal();
  closeButton.focus();
  dialog.scrollTop = 0;
});

// Charts read out: days and values stand in data attributes of the figure and its legend.
const SVG = "http://www.w3.org/2000/svg";
const written = (value, digits) =>
  value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })
    .replace("-", "−");
for (const figure of document.querySelectorAll("figure[data-x]")) {
  const svg = figure.querySelector("svg.chart");
  let day = 0;
  const days = figure.dataset.x.split(" ").map((step) => (day += +step));
  const [shift, scale] = figure.dataset.scale.split(" ").map(Number);
  const [top, bottom] = figure.dataset.span.split(" ").map(Number);
  const read = [...figure.querySelectorAll(".legend [data-y]")].map((item) => {
    const value = document.createElement("span");
    value.className = "value";
    item.append(value);
    const columns = item.dataset.y.split(";").map((one) => one.split(" "));
    return { value, columns, digits: +item.dataset.digits, unit: item.dataset.unit || "" };
  });
  const date = document.createElement("li");
  date.className = "at";
  figure.querySelector(".legend").prepend(date);
  const rule = document.createElementNS(SVG, "line");
  for (const [name, value] of [["y1", top], ["y2", bottom], ["class", "s-ink"], ["stroke-width", 1]])
    rule.setAttribute(name, value);
  rule.style.display = "none";
  svg.append(rule);
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", className: "reader", min: 0, max: days.length - 1, value: days.length - 1 });
  slider.setAttribute("aria-label", `Read values: ${svg.querySelector("title").textContent}`);
  svg.before(slider);
  const say = (at) => {
    const when = new Date(days[at] * 864e5).toISOString().slice(0, 10);
    const words = read.map((one) => {
      const values = one.columns.map((column) => column[at]).filter((value) => value);
      one.value.textContent = values.map((value) => written(+value, one.digits) + one.unit).join(" to ");
      return values.length ? `${one.value.previousSibling.textContent}: ${one.value.textContent}` : "";
    });
    date.textContent = when;
    const x = shift + scale * days[at];
    rule.setAttribute("x1", x);
    rule.setAttribute("x2", x);
    rule.style.display = "";
    slider.value = at;
    slider.setAttribute("aria-valuetext", `${when}, ${words.filter(Boolean).join(", ")}`);
  };
  // At rest the latest values stand there, so that reading moves nothing in the page.
  const clear = () => { say(days.length - 1); rule.style.display = "none"; };
  clear();
  slider.addEventListener("input", () => say(+slider.value));
  slider.addEventListener("focus", () => say(+slider.value));
  slider.addEventListener("blur", clear);
  slider.addEventListener("keydown", (event) => { if (event.key === "Escape") clear(); });
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const asked = ((event.clientX - box.left) * svg.viewBox.baseVal.width / box.width - shift) / scale;
    let low = 0;
    let high = days.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (days[middle] < asked) low = middle; else high = middle;
    }
    say(asked - days[low] < days[high] - asked ? low : high);
  });
  svg.addEventListener("pointerleave", () => { if (document.activeElement !== slider) clear(); });
}

// The contents list marks the section in view.
const entries = [...document.querySelectorAll(".toc a")];
const mark = () => {
  const passed = entries.filter((link) =>
    document.getElementById(link.hash.slice(1)).getBoundingClientRect().top < innerHeight / 3);
  for (const link of entries) link.removeAttribute("aria-current");
  if (passed.length) passed[passed.length - 1].setAttribute("aria-current", "true");
};
if (entries.length) {
  let waiting = false;
  addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; mark(); });
  }, { passive: true });
  mark();
}
