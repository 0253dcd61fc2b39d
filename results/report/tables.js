// Makes tables sortable and searchable, and lets the reader choose the theme.
(function () {
  "use strict";

  const sortKey = (row, column) => {
    const cell = row.cells[column];
    const value = cell.getAttribute("data-value");
    return value !== null ? Number(value) : cell.classList.contains("number") ? null : cell.textContent;
  };

  // What was not measured stays below, whichever way it is sorted.
  const compare = (a, b, sign) => (a === null || b === null ? (a === null) - (b === null) :
    sign * (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b))));

  function sortBy(table, column) {
    const header = table.tHead.rows[0].cells[column];
    const sign = header.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    [...table.tHead.rows[0].cells].forEach((cell) => cell.removeAttribute("aria-sort"));
    header.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
    [...table.tBodies[0].rows].map((row) => [sortKey(row, column), row])
      .sort((a, b) => compare(a[0], b[0], sign))
      .forEach(([, row]) => table.tBodies[0].appendChild(row));
  }

  function makeSortable(table) {
    [...table.tHead.rows[0].cells].forEach((cell, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = cell.textContent;
      button.addEventListener("click", () => sortBy(table, column));
      cell.textContent = "";
      cell.appendChild(button);
    });
  }

  function makeSearched(search) {
    const table = search.parentNode.querySelector("table");
    const rows = [...table.tBodies[0].rows];
    const count = search.querySelector("output");
    search.querySelector("input").addEventListener("input", (event) => {
      const words = event.target.value.toLowerCase().split(/\s+/);
      rows.forEach((row) => {
        const text = [...row.cells].map((cell) => cell.textContent).join(" ").toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
      });
      count.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} rows`;
    });
  }

  function addThemeButton() {
    const root = document.documentElement;
    const dark = () => root.dataset.theme === "dark" ||
      (!root.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
    const button = document.createElement("button");
    button.id = "theme";
    button.type = "button";
    const label = () => { button.textContent = dark() ? "Light theme" : "Dark theme"; };
    button.addEventListener("click", () => {
      root.dataset.theme = dark() ? "light" : "dark";
      label();
    });
    label();
    document.querySelector("header").prepend(button);
  }

  addThemeButton();
  document.querySelectorAll(".scroll table").forEach(makeSortable);
  document.querySelectorAll(".search").forEach(makeSearched);
  window.addEventListener("beforeprint", () => {
    document.querySelectorAll("details").forEach((details) => { details.open = true; });
  });
})();
