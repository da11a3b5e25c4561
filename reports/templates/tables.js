for (const table of document.querySelectorAll(".scroll > table")) {
  const body = table.tBodies[0], rows = [...body.rows], heads = [...table.tHead.rows[0].cells];
  const size = text => {
    const found = /^([\u2212-]?[\d,]*\.?\d+(?:e[+-]?\d+)?)\s*([TGMkm\u00b5unpf]?)/.exec(text.trim());
    const scale = {T: 1e12, G: 1e9, M: 1e6, k: 1e3, m: 1e-3, "\u00b5": 1e-6, u: 1e-6, n: 1e-9, p: 1e-12, f: 1e-15};
    return found ? Number(found[1].replaceAll(",", "").replace("\u2212", "-")) * (scale[found[2]] ?? 1) : -Infinity;
  };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    if (!head.textContent.trim()) return;
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") !== "descending" && head.classList.contains("n") || head.getAttribute("aria-sort") === "ascending";
      heads.forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const text = row => row.cells[column].textContent;
      const order = head.classList.contains("n") ? (a, b) => size(text(a)) - size(text(b)) : (a, b) => text(a).localeCompare(text(b));
      body.append(...[...body.rows].sort((a, b) => (down ? -1 : 1) * order(a, b)));
    });
  });
  if (rows.length > 8) {
    const input = document.createElement("input");
    input.type = "search";
    input.className = "filter";
    input.placeholder = "filter rows";
    input.setAttribute("aria-label", "filter rows of the table");
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/);
      for (const row of rows) row.hidden = !words.every(word => row.textContent.toLowerCase().includes(word));
    });
    table.parentElement.before(input);
  }
}
