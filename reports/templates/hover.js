{
  const names = "http://www.w3.org/2000/svg", reach = 12;
  const hint = document.createElement("p");
  hint.id = "hover-hint";
  hint.className = "hidden";
  hint.textContent = "The keys left and right say the values one by one.";
  for (const image of document.querySelectorAll("figure .image")) {
    const panels = [...image.querySelectorAll("svg[data-says]")];
    if (!panels.length) continue;
    let marks, shown = -1;
    const read = () => marks ??= panels.flatMap(svg => JSON.parse(svg.dataset.says).flatMap(group => {
      const said = (text, n) => group.words ? group.words.replace(/\{(.)\}/g, (_, part) => part === "x" ? group.x[n % group.columns] : part === "y" ? group.y[Math.floor(n / group.columns)] : text.split("|")[part]) : text;
      return group.texts.map((text, n) => {
        if (!text) return null;
        let [x, y, width, height] = group.rows ? group.at : group.at.slice(4 * n, 4 * n + 4);
        if (group.rows) {
          width /= group.columns;
          height /= group.rows;
          x += n % group.columns * width;
          y += Math.floor(n / group.columns) * height;
        }
        return {svg, x: Math.min(x, x + width), y: Math.min(y, y + height), width: Math.abs(width), height: Math.abs(height), text: () => said(text, n)};
      }).filter(Boolean);
    }));
    const tip = document.createElement("div");
    tip.className = "tip";
    tip.setAttribute("role", "status");
    tip.hidden = true;
    image.after(tip);
    const ring = document.createElementNS(names, "rect");
    ring.setAttribute("class", "ring");
    const hide = () => { tip.hidden = true; ring.remove(); shown = -1; };
    const show = n => {
      if (n === shown) return;
      shown = n;
      const mark = read()[n], least = 7;
      const wide = Math.max(mark.width, least), high = Math.max(mark.height, least);
      const x = mark.x + (mark.width - wide) / 2, y = mark.y + (mark.height - high) / 2;
      for (const [name, value] of Object.entries({x, y, width: wide, height: high, rx: mark.width || mark.height ? 0 : wide / 2})) ring.setAttribute(name, value);
      mark.svg.append(ring);
      tip.textContent = mark.text();
      tip.hidden = false;
      const frame = image.parentElement.getBoundingClientRect(), at = ring.getBoundingClientRect(), size = tip.getBoundingClientRect();
      const left = Math.max(0, Math.min(at.x + at.width / 2 - frame.x - size.width / 2, frame.width - size.width));
      const above = at.y - frame.y - size.height - 6;
      tip.style.left = `${left}px`;
      tip.style.top = `${above > 0 ? above : at.bottom - frame.y + 6}px`;
    };
    const point = event => {
      const svg = event.target.closest("svg[data-says]");
      if (!svg) return event.pointerType === "mouse" ? hide() : undefined;
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      let best = -1, least = Infinity, area = Infinity;
      read().forEach((mark, n) => {
        if (mark.svg !== svg) return;
        const across = Math.max(mark.x - at.x, 0, at.x - mark.x - mark.width), down = Math.max(mark.y - at.y, 0, at.y - mark.y - mark.height);
        const away = Math.hypot(across, down), size = mark.width * mark.height;
        if (away <= reach && (away < least || away === least && size < area)) [best, least, area] = [n, away, size];
      });
      best < 0 ? hide() : show(best);
    };
    image.addEventListener("pointermove", point);
    image.addEventListener("pointerdown", point);
    image.addEventListener("pointerleave", event => { if (event.pointerType === "mouse") hide(); });
    image.addEventListener("blur", hide);
    image.addEventListener("keydown", event => {
      const last = read().length - 1;
      const next = {ArrowRight: shown + 1, ArrowLeft: shown < 0 ? last : shown - 1, Home: 0, End: last}[event.key];
      if (event.key === "Escape") hide();
      if (next === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      show(Math.max(0, Math.min(last, next)));
    });
    image.setAttribute("aria-describedby", hint.id);
    if (!hint.isConnected) document.body.append(hint);
  }
}
