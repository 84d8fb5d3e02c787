// Charts read out: days and values stand in data attributes of each period of a figure.
const SVG = "http://www.w3.org/2000/svg";
const written = (value, digits) =>
  value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })
    .replace("-", "−");
for (const block of document.querySelectorAll("figure [data-x]")) {
  let day = 0;
  const days = block.dataset.x.split(" ").map((step) => (day += +step));
  const columns = block.dataset.y.split(";").map((one) => one.split(" "));
  const { digits, unit = "" } = block.dataset;
  const legend = block.closest("figure").querySelector(".legend");
  const read = [...legend.querySelectorAll("[data-read]")].map((item) => {
    const value = item.querySelector(".value") || document.createElement("span");
    value.className = "value";
    item.append(value);
    return { value, label: value.previousSibling, at: item.dataset.read.split(" ") };
  });
  const date = legend.querySelector(".at") || document.createElement("li");
  date.className = "at";
  legend.prepend(date);
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", className: "reader", min: 0, max: days.length - 1, value: days.length - 1 });
  slider.setAttribute("aria-label", `Read values: ${block.querySelector("title").textContent}`);
  block.prepend(slider);
  const pictures = [...block.querySelectorAll("svg.chart")].map((svg) => {
    const [shift, scale] = svg.dataset.scale.split(" ").map(Number);
    const [top, bottom] = svg.dataset.span.split(" ").map(Number);
    const rule = document.createElementNS(SVG, "line");
    for (const [name, value] of [["y1", top], ["y2", bottom], ["class", "s-ink"], ["stroke-width", 1]])
      rule.setAttribute(name, value);
    rule.style.display = "none";
    svg.append(rule);
    return { svg, shift, scale, rule };
  });
  const say = (at) => {
    const when = new Date(days[at] * 864e5).toISOString().slice(0, 10);
    const words = read.map((one) => {
      const values = one.at.map((column) => columns[column][at]).filter((value) => value);
      one.value.textContent = values.map((value) => written(+value, +digits) + unit).join(" to ");
      return values.length ? `${one.label.textContent}: ${one.value.textContent}` : "";
    });
    date.textContent = when;
    for (const { rule, shift, scale } of pictures) {
      rule.setAttribute("x1", shift + scale * days[at]);
      rule.setAttribute("x2", shift + scale * days[at]);
      rule.style.display = "";
    }
    slider.value = at;
    slider.setAttribute("aria-valuetext", `${when}, ${words.filter(Boolean).join(", ")}`);
  };
  // At rest the latest values stand there, so that reading moves nothing in the page.
  const clear = () => { say(days.length - 1); for (const { rule } of pictures) rule.style.display = "none"; };
  if (!block.hidden) clear();
  block.closest("figure").addEventListener("change", ({ target }) => {
    if (target.type === "radio" && block.offsetParent) clear();
  });
  slider.addEventListener("input", () => say(+slider.value));
  slider.addEventListener("focus", () => say(+slider.value));
  slider.addEventListener("blur", clear);
  slider.addEventListener("keydown", (event) => { if (event.key === "Escape") clear(); });
  for (const { svg, shift, scale } of pictures) {
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
}

// A link to a place inside what is folded unfolds it; newer browsers do so by themselves.
const unfold = () => {
  const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!place) return;
  for (let one = place; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
  place.scrollIntoView();
};
addEventListener("hashchange", unfold);
if (location.hash) unfold();
