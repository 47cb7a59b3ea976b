// What surrounds the screens: the name, the lists, the alarm, what is wrong with the connection, and what is said to who listens.
import { alarm } from "./alarm.js";
import { button, h, svg } from "./dom.js";
import { full, place } from "./format.js";
import { language, names, words } from "./language.js";
import { sound } from "./sound.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./app.js").Screen} Screen */

const mark = () =>
  svg("svg", { class: "mark", width: 32, height: 32, viewBox: "0 0 32 32", "aria-hidden": "true", focusable: "false" },
    svg("path", { class: "sun", d: "M9 22a7 7 0 0 1 14 0z" }),
    svg("path", { class: "solid", d: "M7 26V6l1.5-2h1L11 6v20zM21 26V6l1.5-2h1L25 6v20z" }),
    svg("path", { d: "M1 22.5h30M11 18.5h10M1 28.5q2.5-1.800 5 0t5 0 5 0 5 0 5 0 5 0" }));

/**
 * Puts new children in the place of those of an element, where they differ in what they say: what is the same keeps the focus, and takes a click
 * that has begun.
 *
 * @param {HTMLElement} into
 * @param {(HTMLElement | false)[]} children
 */
function replace(into, children) {
  const made = into.cloneNode(false);
  for (const child of children) if (child !== false) made.appendChild(child);
  if (!made.isEqualNode(into)) into.replaceChildren(...made.childNodes);
}

/** @param {App} app */
export function mount(app) {
  const header = h("header", { class: "top" });
  const alarms = h("div", { class: "alarms", role: "alert" });
  const banner = h("div", { class: "banner", role: "status" });
  const message = h("div", { role: "status" });
  const said = h("p", { class: "visually-hidden", role: "status" });
  const content = h("div");
  const main = h("main", { id: "main", tabindex: "-1" }, alarms, banner, message, content);
  const footer = h("footer", { class: "desk-footer" });
  const paper = h("div");
  const body = h("div", {}, header, main, footer, paper);
  const curtain = h("p", { class: "notice" });
  const curtains = h("main", {}, curtain);
  document.body.append(body, said);
  addEventListener("beforeprint", () => {
    // The sheet for the safe says itself when it was made.
    paper.replaceChildren(...(app.place === "request" ? [h("p", { class: "print-only" }, words().request.printed(full(app.desk.now())))] : []));
  });
  addEventListener("afterprint", () => paper.replaceChildren());

  /** A file that misses the field is taken, too; where none is wanted, the browser would leave the page for it. @param {DragEvent} event @param {boolean} isOver */
  const drag = ({ dataTransfer }, isOver) => {
    content.querySelector(".drop")?.classList.toggle("over", isOver);
    return dataTransfer !== null && dataTransfer.types.includes("Files") ? dataTransfer.files : null;
  };
  document.addEventListener("dragover", (event) => {
    if (drag(event, true) !== null) event.preventDefault();
  });
  document.addEventListener("dragleave", (event) => { drag(event, event.relatedTarget !== null); });
  document.addEventListener("drop", (event) => {
    const files = drag(event, false);
    if (files === null) return;
    event.preventDefault();
    const input = content.querySelector("#key-file");
    if (!(input instanceof HTMLInputElement) || files.length === 0) return;
    input.files = files;
    input.dispatchEvent(new Event("change"));
  });
  /** What had the focus when the tab was hidden. @type {Element | null} */
  let focused = null;
  let saying = 0;

  /** @param {import("./app.js").Place} to @param {string} label */
  const tab = (to, label) => {
    const { place: at, chosen: { from } } = app;
    const current = at === to || (at === "request" && from === to);
    return h("li", {}, button(label, () => app.show(to), { class: "tab", "aria-current": current ? (at === to ? "page" : "true") : false }));
  };

  const drawHeader = () => {
    const w = words();
    const { phase, counts } = app.desk.state;
    const other = language() === "en" ? "es" : "en";
    replace(header, [
      button(w.skip, () => main.focus(), { class: "skip" }),
      h("span", { class: "name" }, mark(), h("span", {}, w.desk)),
      phase !== "locked" && h("nav", { class: "tabs", "aria-label": w.tabs.label },
        h("ul", {}, tab("waiting", `${w.tabs.waiting} (${counts.waiting})`), tab("closed", `${w.tabs.closed} (${counts.closed})`), tab("keys", w.tabs.keys))),
      h("p", { class: "tools" },
        button(names[other], () => app.speak(other), { class: "link", lang: other }),
        phase !== "locked" && button(w.lock, () => app.lock("you"), { class: "button small" })),
    ]);
  };

  const drawFooter = () => {
    const w = words();
    footer.replaceChildren(
      h("p", {}, app.config.local ? w.placeLocal : w.place(place(app.config.server))),
      h("p", {}, w.keepsNothing(app.config.version)),
      h("p", {}, button(`${w.sound}: ${sound.on ? w.on : w.off}`, () => {
        sound.on = !sound.on;
        if (sound.on) { sound.ready(); sound.play(); }
        drawFooter();
        footer.querySelector("button")?.focus();
      }, { class: "link", "aria-pressed": String(sound.on) })));
  };

  const update = () => {
    const w = words();
    const { phase, counts, connection, clockOff, strangers } = app.desk.state;
    document.title = w.title(counts.waiting);
    const isOpen = phase !== "locked";
    const focusedTab = header.contains(document.activeElement) ? [...header.querySelectorAll("button")].indexOf(/** @type {HTMLButtonElement} */ (document.activeElement)) : -1;
    drawHeader();
    if (focusedTab >= 0) header.querySelectorAll("button")[focusedTab]?.focus();
    const wrong = [isOpen && connection === "lost" && w.connection.lost, isOpen && clockOff !== 0 && w.connection.clock(clockOff)].filter((text) => text !== false);
    replace(banner, wrong.map((text) => h("p", { class: "notice phone" }, text)));
    alarm(app, alarms, isOpen ? strangers : []);
    drawMessage();
  };

  /** @type {import("./app.js").Message | null} */
  let shown = null;
  let shownIn = "";
  const drawMessage = () => {
    if (shown === app.message && shownIn === language()) return;
    shown = app.message;
    shownIn = language();
    const { text, action } = shown ?? {};
    message.replaceChildren(...(text ? [h("div", { class: "done" }, h("p", {}, text()), action && button(action[0](), action[1]))] : []));
  };

  return {
    update,

    /** @param {Screen} screen */
    draw(screen) {
      drawFooter();
      update();
      content.replaceChildren(screen.node);
    },

    focus() {
      const heading = content.querySelector("h1");
      heading?.setAttribute("tabindex", "-1");
      if (!document.hidden) scrollTo(0, 0);
      heading?.focus({ preventScroll: true });
    },

    /** @param {string} text */
    say(text) {
      said.textContent = "";
      clearTimeout(saying);
      saying = setTimeout(() => { said.textContent = text; }, 150);
    },

    /** Takes what is shown away while nobody sees it, and puts it back as it was. @param {boolean} hidden */
    hide(hidden) {
      if (hidden && body.isConnected) {
        focused = document.activeElement;
        said.textContent = "";
        curtain.textContent = words().hidden;
        body.replaceWith(curtains);
      } else if (!hidden && !body.isConnected) {
        curtains.replaceWith(body);
        if (focused instanceof HTMLElement && focused.isConnected) focused.focus({ preventScroll: true });
      }
    },
  };
}
