// What the harness looks up on a page, in an isolated world: the page's own scripts, if it has any, do not see it.
(() => {
  const rendered = (element) => element.checkVisibility();
  const form = (place) => document.forms[place];
  const buttons = (form) => [...form.elements].filter((e) => e.type === "submit");

  const find = ({ form: place, name, value, link }) => {
    if (link !== undefined) {
      const links = [...document.links].filter((e) => e.getAttribute("href") === link);
      return links.find(rendered) ?? links[0];
    }
    if (name === undefined) return buttons(form(place))[0];
    const fields = [...form(place).elements].filter((e) => e.name === name && e.type !== "hidden");
    return fields.find((e) => e.type === "radio" || e.type === "submit" ? e.value === value : true);
  };

  // The element itself, or the label in whose place it stands.
  const surface = (element) => {
    const { width, height } = element.getBoundingClientRect();
    const seen = width > 8 && height > 8 && getComputedStyle(element).opacity !== "0";
    return seen ? element : element.labels?.[0] ?? element;
  };

  // Where a member would press, once it has been scrolled to; or what is in the way.
  const point = (where) => {
    const element = where.summary === undefined ? find(where) : document.querySelectorAll("details")[where.summary].querySelector("summary");
    if (!element) return { missing: true };
    const closed = where.summary === undefined && !element.checkVisibility() && element.closest("details:not([open])");
    if (closed) return { closed: [...document.querySelectorAll("details")].indexOf(closed) };
    const target = surface(element);
    target.scrollIntoView({ block: "center", behavior: "instant" });
    const box = target.getClientRects()[0];
    if (!box) return { covered: "nothing: it is not rendered" };
    const x = box.left + box.width / 2, y = box.top + box.height / 2;
    const hit = document.elementFromPoint(x, y);
    const meant = hit && (target.contains(hit) || hit.contains(target) && hit.closest("a, button, label") === hit
      || hit.closest("label")?.control === element);
    if (!meant) return { covered: hit ? hit.outerHTML.slice(0, 120) : "nothing: it is outside the window" };
    return { x, y, checked: element.checked ?? false, tag: element.localName, longest: element.maxLength ?? -1 };
  };

  return {
    point,
    // Lets the member type and send what the page itself would stop: what the flow is about is the server's answer.
    loosen: ({ form: place }) => {
      for (const e of form(place).elements) e.removeAttribute("maxlength");
      form(place).noValidate = true;
      return {};
    },
    invalid: ({ form: place }) => ({ invalid: form(place).querySelector(":invalid") !== null }),
    // How the ceremony ends that the page's script begins; `ceremony.js` tells. Then the page's script goes on first.
    ceremony: () => new Promise((done) => {
      document.addEventListener("sekisho-ceremony", ({ detail }) => setTimeout(() => setTimeout(() => done({ error: detail }))), { once: true });
    }),
    source: () => ({ html: document.documentElement.outerHTML }),
    width: () => {
      const room = document.documentElement.clientWidth;
      const over = [...document.body.querySelectorAll("*")]
        .filter((e) => rendered(e) && e.getBoundingClientRect().right > room + 1)
        .map((e) => e.outerHTML.slice(0, 80));
      return { scrolls: document.documentElement.scrollWidth > room, over: over.slice(0, 3), script: document.scripts.length > 0 };
    },
  };
})()
