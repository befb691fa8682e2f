"use strict";
(() => {
  const tip = document.getElementById("tip");
  const said = document.getElementById("said");
  const say = (text) => { said.textContent = text; };

  const button = (cell, press) => {
    const made = document.createElement("button");
    made.type = "button";
    made.append(...cell.childNodes);
    made.addEventListener("click", press);
    cell.append(made);
    return made;
  };

  // Rows without a value stay last, whichever way is up.
  const compare = (column, way) => (one, other) => {
    const [a, b] = [one.cells[column], other.cells[column]];
    const [emptyA, emptyB] = [!a.textContent, !b.textContent];
    if (emptyA || emptyB) return emptyA - emptyB;
    const [numberA, numberB] = [a.dataset.v, b.dataset.v];
    if (numberA !== undefined && numberB !== undefined) return way * (Number(numberA) - Number(numberB));
    return way * a.textContent.localeCompare(b.textContent, "en", { numeric: true });
  };

  const sort = (table, header) => {
    const first = header.dataset.first === "down" ? "descending" : "ascending";
    const second = first === "ascending" ? "descending" : "ascending";
    const order = header.getAttribute("aria-sort") === first ? second : first;
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", order);
    const rows = [...table.tBodies[0].rows];
    rows.sort(compare(header.cellIndex, order === "ascending" ? 1 : -1));
    table.tBodies[0].append(...rows);
    say(`sorted by ${header.textContent}, ${order}`);
  };

  const rowOf = (run, trial) => run.querySelector(`tbody tr[data-t="${trial}"]`);

  const toggle = (run, trial) => {
    const row = rowOf(run, trial);
    if (!row) return;
    const on = !row.classList.contains("on");
    for (const one of run.querySelectorAll(`[data-t="${trial}"]`)) {
      one.classList.toggle("on", on);
      // What is marked lies above the rest.
      if (on && one !== row && one.parentNode.lastElementChild !== one && one.matches(".curve, .mark")) one.parentNode.append(one);
    }
    row.querySelector("th button").setAttribute("aria-pressed", String(on));
    say(`trial ${trial} is ${on ? "marked" : "no longer marked"} in the plots`);
  };

  // A line is thin: what lies a few pixels beside the pointer counts too.
  const under = (event) => {
    for (const [x, y] of [[0, 0], [0, -3], [0, 3], [-3, 0], [3, 0], [0, -6], [0, 6]]) {
      const found = document.elementFromPoint(event.clientX + x, event.clientY + y)?.closest("svg [data-t]");
      if (found) return found;
    }
    return null;
  };

  const show = (event) => {
    const found = under(event);
    const row = found && rowOf(found.closest(".run"), found.dataset.t);
    tip.hidden = !row;
    if (!row) return;
    tip.textContent = row.dataset.tip;
    const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
    tip.style.left = `${Math.max(8, Math.min(event.clientX + 14, room)) + window.scrollX}px`;
    const below = event.clientY + 18 + tip.offsetHeight < window.innerHeight;
    tip.style.top = `${window.scrollY + event.clientY + (below ? 18 : -tip.offsetHeight - 12)}px`;
  };

  for (const run of document.querySelectorAll(".run")) {
    for (const table of run.querySelectorAll(".trials")) {
      for (const header of table.tHead.rows[0].cells) button(header, () => sort(table, header));
      for (const row of table.tBodies[0].rows) {
        button(row.cells[0], () => toggle(run, row.dataset.t)).setAttribute("aria-pressed", "false");
      }
    }
    for (const plot of run.querySelectorAll(".plot")) {
      plot.addEventListener("pointermove", show);
      plot.addEventListener("pointerleave", () => { tip.hidden = true; });
      plot.addEventListener("click", (event) => {
        const found = under(event);
        if (found) toggle(run, found.dataset.t);
      });
    }
    for (const hint of run.querySelectorAll(".scripted")) hint.hidden = false;
  }
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") tip.hidden = true; });
})();
