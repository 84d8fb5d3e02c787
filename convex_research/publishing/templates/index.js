// Pairs are found by words, category and flag. Without this script every pair is shown.
const tools = document.getElementById("tools");
const rows = [...document.getElementById("pairs").tBodies[0].rows];
const [words, category, flag] = ["q", "c", "f"].map((id) => document.getElementById(id));
const plain = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");
const texts = rows.map((row) => plain(`${row.id} ${row.cells[0].textContent} ${row.cells[1].textContent}`));
const flags = rows.map((row) => (row.dataset.f || "").split(" "));
const found = document.getElementById("found");
const none = document.getElementById("none");
const show = () => {
  const wanted = plain(words.value).split(/[\s,]+/).filter(Boolean);
  let count = 0;
  rows.forEach((row, at) => {
    const fits = wanted.every((word) => texts[at].includes(word)) &&
      (!category.value || row.dataset.c === category.value) && (!flag.value || flags[at].includes(flag.value));
    if (row.hidden === fits) row.hidden = !fits;
    count += fits;
  });
  const all = rows.length.toLocaleString("en");
  found.textContent = count === rows.length ? `${all} pairs` : `${count.toLocaleString("en")} of ${all} pairs`;
  none.hidden = count > 0;
  const state = new URLSearchParams();
  for (const [name, field] of [["q", words], ["c", category], ["f", flag]]) if (field.value) state.set(name, field.value);
  // Kept in the address, so that a view can be sent to somebody.
  try { history.replaceState(null, "", `${location.pathname}${state.size ? `?${state}` : ""}${location.hash}`); } catch { /* a file opened without a server */ }
};
const clear = () => { for (const field of [words, category, flag]) field.value = ""; show(); words.focus(); };
const asked = new URLSearchParams(location.search);
for (const [name, field] of [["q", words], ["c", category], ["f", flag]]) field.value = asked.get(name) || "";
tools.hidden = false;
tools.addEventListener("input", show);
tools.addEventListener("reset", (event) => { event.preventDefault(); clear(); });
tools.addEventListener("submit", (event) => {
  event.preventDefault();
  const first = document.querySelector("#pairs tbody tr:not([hidden]) a");
  if (first && words.value) first.click();
});
document.getElementById("clear").addEventListener("click", clear);
document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    words.focus();
  } else if (event.key === "Escape" && document.activeElement === words) {
    words.value = "";
    show();
  }
});
show();
