// Keys that nobody here knows read along, or may: it is said on every screen, until somebody has compared them.
import { write } from "../core/keyfile.js";
import { download } from "./download.js";
import { button, h, mistakes } from "./dom.js";
import { fingerprinted } from "./fingerprint.js";
import { day, place } from "./format.js";
import { words } from "./language.js";
import { lockQuestion } from "./passphrase.js";

/** @typedef {import("./app.js").App} App */

/** The file that is saved anew, as `keys new` names it. */
const FILE = "staff-key.txt";

/** Where a key's button was, the next one's may be: a click that follows one so soon, in milliseconds, is not meant for it. */
const SECOND_CLICK = 1000;

let clicked = -SECOND_CLICK;

/** @type {WeakMap<HTMLElement, string>} */
const drawn = new WeakMap();

/**
 * Fills the place of the alarms: each key with its own fingerprint and its own button.
 *
 * @param {App} app
 * @param {HTMLElement} into
 * @param {readonly string[]} strangers public keys
 */
export function alarm(app, into, strangers) {
  const w = words().alarm;
  const count = strangers.length;
  // Drawn when it is another one: it is read aloud each time.
  const what = `${w.heading(count)} ${strangers.join(" ")}`;
  if ((drawn.get(into) ?? "") === what || (count === 0 && into.childElementCount === 0)) return;
  drawn.set(into, what);
  if (count === 0) return into.replaceChildren();
  into.replaceChildren(h("div", { class: "alarm" },
    h("p", { class: "alarm-heading" }, w.heading(count)),
    h("p", {}, w.text(count)),
    h("p", {}, w.do(count)),
    h("ul", { class: "keys" }, strangers.map((recipient) => h("li", {}, toCompare(app, recipient, "alarm", () => app.frame.focus())))),
    h("p", {}, button(w.keys, () => app.show("keys"), { class: "link" }))));
}

/**
 * The fingerprint of a key that nobody here knows, and the button that trusts it, which is named after it.
 *
 * @param {App} app
 * @param {string} recipient
 * @param {string} where the part of the screen it stands in
 * @param {() => void} [then]
 */
export function toCompare(app, recipient, where, then = () => undefined) {
  const print = h("span", { id: `${where}-${recipient}` }, fingerprinted(recipient));
  const id = `${where}-trust-${recipient}`;
  const trust = button(words().alarm.trust, () => {
    const isSecond = performance.now() - clicked < SECOND_CLICK;
    clicked = performance.now();
    if (isSecond) return;
    app.trust(recipient);
    then();
  }, { id, "aria-labelledby": `${id} ${print.id}` });
  return [h("p", {}, print), h("p", { class: "actions" }, trust)];
}

/**
 * The form that saves the key file with the keys that are trusted now.
 *
 * @param {App} app
 * @param {() => readonly string[]} readers
 * @param {() => void} saved
 */
export function saveForm(app, readers, saved) {
  const w = words().alarm;
  const lock = lockQuestion();
  const problem = h("div");
  const done = h("p", { role: "status" });
  const keys = app.keyFiles.flatMap((file) => file.keys);
  let isSaving = false;
  return h("form", {
    class: "closing", novalidate: true,
    async onsubmit(/** @type {SubmitEvent} */ event) {
      event.preventDefault();
      if (isSaving) return undefined;
      const found = lock.mistakes();
      done.textContent = "";
      problem.replaceChildren(...(found.length === 0 ? [] : [mistakes(w.notSaved, found)]));
      if (found.length > 0) return problem.querySelector("div")?.focus();
      isSaving = true;
      const passphrase = lock.value();
      done.textContent = w.saving;
      const comment = words().make.comment(place(app.config.server), day(app.desk.now()));
      const file = { keys, readers: [...readers()] };
      const text = await write(file, { comment, ...(passphrase === "" ? {} : { passphrase }) });
      isSaving = false;
      // Locked meanwhile: nothing leaves the page.
      if (app.keyFiles.length === 0) return undefined;
      download(FILE, text);
      lock.forget();
      // It is the key file from now on.
      app.keyFiles = [file];
      app.message = null;
      app.frame.update();
      saved();
      done.textContent = w.saved(FILE);
      return undefined;
    },
  },
  h("p", {}, w.saveLead),
  keys.length > 1 && h("p", {}, h("strong", {}, w.saveKeys(keys.length))),
  problem,
  lock.node,
  h("p", { class: "actions" }, h("button", { class: "button" }, w.saveDo)),
  done);
}
