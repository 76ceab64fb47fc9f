// What is wrong with how a page is laid out, in words: what sticks out, what is cut off. Open shadow roots are part of it.
() => {
  const found = [];
  const everything = (root) =>
    [...root.querySelectorAll("*")].flatMap((one) => [one, ...(one.shadowRoot ? everything(one.shadowRoot) : [])]);
  const spoken = (one) => one.closest(".sr") !== null;
  const shown = (one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !spoken(one);
  const named = (one) => {
    const words = (one.textContent ?? "").trim().replaceAll(/\s+/gu, " ").slice(0, 40);
    return `<${one.localName} class="${one.getAttribute("class") ?? ""}"> ${words}`;
  };
  const parentOf = (one) => one.parentElement ?? (one.getRootNode() instanceof ShadowRoot ? one.getRootNode().host : null);
  // A list that is scrolled draws a little more than is in view, in a box that moves with it: that one has "clip".
  const clips = (value) => value !== "visible" && value !== "clip";
  const scrolls = (value) => value === "auto" || value === "scroll";

  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) found.push(`the page is ${root.scrollWidth} px wide, of ${root.clientWidth}`);

  /** How far the words reach beyond the first thing that cuts them off; words that can be scrolled to are not cut. */
  const cutOff = (text) => {
    const range = document.createRange();
    range.selectNodeContents(text);
    const words = range.getBoundingClientRect();
    let free = { x: false, y: false };
    for (let box = text.parentElement; box !== null; box = parentOf(box)) {
      const style = getComputedStyle(box);
      const around = box.getBoundingClientRect();
      const dots = style.textOverflow === "ellipsis";
      if (clips(style.overflowX) && !free.x) {
        if (dots || scrolls(style.overflowX)) free.x = true;
        else if (words.left < around.left - 1 || words.right > around.right + 1) return "sideways";
      }
      if (clips(style.overflowY) && !free.y) {
        if (scrolls(style.overflowY)) free.y = true;
        else if (words.top < around.top - 2 || words.bottom > around.bottom + 2) return "above or below";
      }
      if (style.position === "fixed") break;
    }
    if (!free.x && (words.left < -1 || words.right > root.clientWidth + 1)) return "by the window";
    return null;
  };

  for (const one of everything(document).filter(shown)) {
    const style = getComputedStyle(one);
    const wide = one.scrollWidth - one.clientWidth;
    if (scrolls(style.overflowX) && wide > 1) found.push(`${named(one)}: scrolls sideways by ${wide} px`);
    if (style.textOverflow === "ellipsis" && wide > 0 && one.clientWidth < 24) found.push(`${named(one)}: nothing is left`);
    for (const text of one.childNodes) {
      if (text.nodeType !== Node.TEXT_NODE || text.data.trim() === "") continue;
      const way = cutOff(text);
      if (way !== null) found.push(`${named(one)}: cut off ${way}`);
    }
  }
  return found;
};
