// A key that nobody here knows reads along, or may: it is said on every screen, until somebody has compared it.
import { write } from "../core/keyfile.js";
import { download } from "./download.js";
import { button, h, mistakes } from "./dom.js";
import { fingerprinted } from "./fingerprint.js";
import { day, place } from "./format.js";
import { words } from "./language.js";
import { newPassphrase } from "./passphrase.js";

/** @typedef {import("./app.js").App} App */

/** The file that is saved anew, as `keys new` names it. */
const FILE = "staff-key.txt";

/** @type {WeakMap<HTMLElement, string>} */
const drawn = new WeakMap();

/**
 * Fills the place of the alarms.
 *
 * @param {App} app
 * @param {HTMLElement} into
 * @param {readonly string[]} strangers public keys
 */
export function alarm(app, into, strangers) {
  const w = words().alarm;
  // Drawn when it is another one: it is read aloud each time.
  const what = `${w.do} ${strangers.join(" ")}`;
  if ((drawn.get(into) ?? "") === what || (strangers.length === 0 && into.childElementCount === 0)) return;
  drawn.set(into, what);
  const [first] = strangers;
  if (first === undefined) return into.replaceChildren();
  into.replaceChildren(h("div", { class: "alarm" },
    h("p", { class: "alarm-heading" }, w.heading(strangers.length)),
    h("p", {}, w.text),
    h("p", {}, w.do),
    h("p", {}, fingerprinted(first), strangers.length > 1 && ` ${w.more(strangers.length - 1)}`),
    h("p", { class: "actions" },
      button(w.trust, () => {
        app.trust(first);
        app.frame.focus();
      }))));
}

/**
 * The form that saves the key file with the keys that are trusted now.
 *
 * @param {App} app
 * @param {() => readonly string[]} readers
 */
export function saveForm(app, readers) {
  const w = words().alarm;
  const passphrase = newPassphrase();
  const problem = h("div");
  const done = h("p", { role: "status" });
  return h("form", {
    class: "closing", novalidate: true,
    async onsubmit(/** @type {SubmitEvent} */ event) {
      event.preventDefault();
      const typed = passphrase.value();
      const found = passphrase.mistakes(typed !== "");
      problem.replaceChildren(...(found.length === 0 ? [] : [mistakes(w.notSaved, found)]));
      if (found.length > 0) return problem.querySelector("div")?.focus();
      done.textContent = w.saving;
      const keys = app.keyFiles.flatMap((file) => file.keys);
      const comment = words().make.comment(place(app.config.server), day(app.desk.now()));
      download(FILE, await write({ keys, readers: [...readers()] }, { comment, ...(typed === "" ? {} : { passphrase: typed }) }));
      passphrase.forget();
      done.textContent = w.saved(FILE);
      return undefined;
    },
  },
  h("p", {}, w.saveLead),
  problem,
  passphrase.node,
  h("p", { class: "actions" }, h("button", { class: "button" }, w.saveDo)),
  done);
}
