"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const packed = new Map();
  const shared = { "<shared-style>": document.querySelector("style").textContent,
    "<shared-script>": document.querySelector("script:not([data-page])").textContent };
  const index = document.querySelector("main"), title = document.title;
  const able = "DecompressionStream" in window;
  let shown = "", asked = 0, scrolled = 0;
  at("lacking").hidden = true;

  async function unpacked(page) {
    const bytes = Uint8Array.from(atob(page.textContent), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    const text = await new Response(stream).text();
    return Object.entries(shared).reduce((whole, [mark, file]) => whole.split(mark).join(file), text);
  }

  // A report in a frame without an origin: it can run our script and print, and reach nothing outside.
  function framed(page, html) {
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts allow-modals");
    frame.title = page.dataset.title;
    frame.srcdoc = html;
    frame.addEventListener("load", () => frame.focus());
    return frame;
  }

  function decoded(path) {
    try { return decodeURIComponent(path); } catch { return path; }
  }

  async function show() {
    const path = decoded(location.hash.replace(/^#\/?/, ""));
    const page = packed.get(path), mine = ++asked, missing = !page && /^#\/./.test(location.hash);
    at("old").hidden = able || !page;
    at("missing").hidden = !missing;
    if (!shown) scrolled = scrollY;
    if (!page || !able) {
      shown = "";
      at("viewer").hidden = true;
      at("frame").replaceChildren();
      index.hidden = false;
      document.title = title;
      scrollTo(0, able ? scrolled : 0);
      if (missing) at("missing").focus();
      return;
    }
    const html = await unpacked(page);
    if (mine !== asked) return;
    shown = path;
    index.hidden = true;
    at("viewer").hidden = false;
    at("shown").textContent = document.title = page.dataset.title;
    at("frame").replaceChildren(framed(page, html));
  }

  const frame = () => at("frame").firstElementChild;
  const print = () => frame().contentWindow.postMessage("print", "*");

  // A link in a report leads to another page of this file, or nowhere.
  addEventListener("message", (event) => {
    if (!frame() || event.source !== frame().contentWindow || typeof event.data?.open !== "string") return;
    const address = new URL(event.data.open, `file:///${shown}`);
    const path = decodeURIComponent(address.pathname.slice(1));
    if (address.protocol !== "file:") return;
    if (packed.has(path)) location.hash = `/${encodeURI(path)}`;
    else if (path === "index.html") location.hash = "/";
  });
  addEventListener("keydown", (event) => {
    if (!shown || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "p") return;
    event.preventDefault();
    print();
  });
  addEventListener("DOMContentLoaded", () => {
    for (const page of document.querySelectorAll("script[data-page]")) packed.set(page.dataset.page, page);
    at("print").addEventListener("click", print);
    addEventListener("hashchange", show);
    show();
  });
})();
