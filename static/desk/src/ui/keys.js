// The keys: one's own, those that are trusted, and those that nobody here knows.
import { saveForm, toCompare } from "./alarm.js";
import { h } from "./dom.js";
import { fingerprinted } from "./fingerprint.js";
import { words } from "./language.js";
import { chooser } from "./start.js";

/** @param {import("./app.js").App} app @param {string} argument `save`: the key file is to be saved anew @returns {import("./app.js").Screen} */
export function keysScreen(app, argument) {
  const w = words().keys;
  const node = h("div");
  const own = app.keyFiles.flatMap((file) => file.keys).map((key) => key.recipient);
  const lists = h("div");
  /** @param {readonly string[]} recipients @param {(recipient: string) => import("./dom.js").Child} [beside] */
  const list = (recipients, beside = () => null) => h("ul", { class: "keys" }, recipients.map((recipient) => h("li", {}, fingerprinted(recipient), h("code", { class: "line-of-key" }, recipient), beside(recipient))));
  let drawn = "";
  const update = () => {
    const { readers, trusted, strangers } = app.desk.state;
    const others = readers.filter((reader) => !own.includes(reader));
    // In a key file: known the next time, too.
    const inFile = new Set(app.keyFiles.flatMap((file) => file.readers));
    const what = JSON.stringify([others, trusted, strangers, [...inFile]]);
    if (what === drawn) return;
    drawn = what;
    lists.replaceChildren(
      ...(strangers.length === 0 ? [] : [h("section", { class: "work", "aria-labelledby": "strangers" },
        h("h2", { id: "strangers" }, w.strangers),
        h("ul", { class: "keys" }, strangers.map((recipient) => h("li", {}, toCompare(app, recipient, "key"), h("code", { class: "line-of-key" }, recipient)))))]),
      h("section", { class: "work", "aria-labelledby": "own-keys" }, h("h2", { id: "own-keys" }, w.own), h("p", { class: "hint" }, w.ownHint), list(own)),
      h("section", { class: "work", "aria-labelledby": "readers" },
        h("h2", { id: "readers" }, w.readers), h("p", { class: "hint" }, w.readersHint),
        others.length === 0 ? h("p", {}, w.readersNone) : list(others, (recipient) => trusted.includes(recipient) && h("p", { class: "again" }, inFile.has(recipient) ? w.saved : w.now))));
  };
  update();
  const save = h("h2", { id: "save-key", tabindex: "-1" }, w.save);
  // After the screen has got the focus.
  if (argument === "save") {
    queueMicrotask(() => {
      save.scrollIntoView();
      save.focus({ preventScroll: true });
    });
  }
  const rest = [
    h("div", { class: "head" }, h("h1", {}, w.heading), h("p", { class: "lead" }, w.lead)),
    lists,
    h("section", { class: "work", "aria-labelledby": "save-key" },
      save,
      h("p", { class: "hint" }, w.saveHint),
      h("details", { open: argument === "save" }, h("summary", {}, words().alarm.saveHeading),
        saveForm(app, () => app.desk.state.readers.filter((reader) => !own.includes(reader)), update))),
    h("section", { class: "work", "aria-labelledby": "add-key" },
      h("h2", { id: "add-key" }, w.add),
      chooser(app, (part) => {
        node.replaceChildren(...(part ? [part] : rest));
        app.frame.focus();
        part?.querySelector("input")?.focus();
      })),
    h("section", { class: "work", "aria-labelledby": "this-page" }, h("h2", { id: "this-page" }, w.page), h("p", {}, w.pageHint)),
  ];
  node.append(...rest);
  return { node, update, isSecret: false };
}
