"use strict";
(() => {
  const root = document.documentElement;
  const collator = new Intl.Collator(root.lang, { numeric: true });
  const textOf = (cell) => (cell ? (cell.dataset.value ?? cell.textContent).trim() : "");
  const numberOf = (text) => parseFloat(text.replace(/[,\s]/g, "").replace("\u2212", "-"));

  function compare(a, b, kind, sign) {
    if (kind === "number") {
      const [x, y] = [numberOf(a), numberOf(b)];
      if (isNaN(x) || isNaN(y)) return isNaN(x) - isNaN(y);
      return sign * (x - y);
    }
    if (!a || !b) return !a - !b;
    return sign * collator.compare(a, b);
  }

  function sortable(table) {
    const body = table.tBodies[0];
    const original = [...body.rows];
    const heads = [...table.tHead.querySelectorAll("th[data-sort]")];
    const next = { none: "ascending", ascending: "descending", descending: "none" };
    for (const head of heads) {
      const button = document.createElement("span");
      button.setAttribute("role", "button");
      button.tabIndex = 0;
      button.append(...head.childNodes);
      head.append(button);
      head.setAttribute("aria-sort", "none");
      const sort = () => {
        const order = next[head.getAttribute("aria-sort")];
        for (const other of heads) other.setAttribute("aria-sort", "none");
        head.setAttribute("aria-sort", order);
        const sign = order === "descending" ? -1 : 1;
        const at = (row) => textOf(row.cells[head.cellIndex]);
        const rows = order === "none" ? original
          : [...original].sort((a, b) => compare(at(a), at(b), head.dataset.sort, sign));
        body.append(...rows);
      };
      button.addEventListener("click", sort);
      button.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        sort();
      });
    }
  }

  // A report in the index is found by its category's name too.
  const searched = (item) => item.textContent + (item.closest("section")?.querySelector("h2")?.textContent ?? "");

  function filterable(items, before) {
    const label = document.createElement("label");
    const input = document.createElement("input");
    const count = document.createElement("output");
    label.className = "tx-filter";
    input.type = "search";
    label.append(root.dataset.filter, input, count);
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLowerCase();
      for (const item of items) item.hidden = !searched(item).toLowerCase().includes(wanted);
      for (const fold of before.querySelectorAll("details.tx-units")) {
        fold.open = wanted !== "" && [...fold.querySelectorAll("li")].some((item) => !item.hidden);
      }
      const shown = items.filter((item) => !item.hidden).length;
      count.textContent = !wanted ? ""
        : root.dataset.shown.replace("{shown}", shown).replace("{all}", items.length);
    });
    before.before(label);
  }

  for (const table of document.querySelectorAll("figure.tx-table table")) {
    if (!table.tHead || !table.tHead.querySelector("th[data-sort]")) continue;
    sortable(table);
    if (table.tBodies[0].rows.length > 9) filterable([...table.tBodies[0].rows], table.closest("figure"));
  }
  for (const list of document.querySelectorAll("[data-filterable]")) {
    const items = [...list.querySelectorAll(list.dataset.filterable)];
    if (items.length > 9) filterable(items, list);
  }

  // A box that scrolls is reached by keyboard and says so above it.
  const boxes = [...document.querySelectorAll(".tx-scroll")].map((box) => {
    const hint = document.createElement("p");
    hint.className = "tx-hint";
    hint.textContent = root.dataset.sideways ?? "";
    box.before(hint);
    return [box, hint];
  });
  const reach = () => {
    for (const [box, hint] of boxes) {
      const scrolls = box.scrollWidth > box.clientWidth;
      box.tabIndex = scrolls ? 0 : -1;
      hint.hidden = !scrolls;
    }
  };
  addEventListener("resize", reach);
  addEventListener("toggle", reach, true);
  reach();

  // In the bundle a report is a frame without an address: the page around it follows its links, and asks it to print.
  if (location.href !== "about:srcdoc") return;
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link) return;
    event.preventDefault();
    const href = link.getAttribute("href");
    if (href.startsWith("#")) document.getElementById(decodeURIComponent(href.slice(1)))?.scrollIntoView();
    else parent.postMessage({ open: href }, "*");
  });
  addEventListener("message", (event) => {
    if (event.source === parent && event.data === "print") print();
  });
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "p") return;
    event.preventDefault();
    print();
  });
})();
