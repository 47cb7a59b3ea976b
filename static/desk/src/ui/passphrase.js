// A new passphrase: typed twice, since nobody can reset it, and shown if that is wanted.
import { MIN_PASSPHRASE } from "../core/keyfile.js";
import { length } from "../core/request.js";
import { h, invalid, sealedField } from "./dom.js";
import { words } from "./language.js";

/** A box to tick that shows what is typed into fields. @param {HTMLInputElement[]} fields */
export function showing(fields) {
  const box = h("input", {
    type: "checkbox", id: `${fields[0]?.id}-show`, autocomplete: "off",
    onchange() {
      for (const field of fields) field.type = box.checked ? "text" : "password";
    },
  });
  return h("p", { class: "choice" }, box, h("label", { for: box.id }, words().start.show));
}

/** Both fields: what is in them, what is wrong with it, and how it is forgotten. */
export function newPassphrase() {
  const w = words().make;
  const hint = "new-passphrase-hint";
  const first = h("input", { ...sealedField, id: "new-passphrase", type: "password", "aria-describedby": hint });
  const second = h("input", { ...sealedField, id: "new-passphrase-again", type: "password" });
  const node = h("div", {},
    h("p", { class: "field" }, h("label", { for: first.id }, w.passphrase), h("span", { class: "hint", id: hint }, w.passphraseHint), first),
    h("p", { class: "field" }, h("label", { for: second.id }, w.again), second),
    showing([first, second]));
  return {
    node,
    value: () => first.value,

    /** @param {boolean} isWanted @returns {[string, string][]} */
    mistakes(isWanted) {
      /** @type {[string, string][]} */
      const found = [];
      if (isWanted && length(first.value) < MIN_PASSPHRASE) found.push([first.id, w.short(length(first.value))]);
      else if (isWanted && first.value !== second.value) found.push([second.id, w.differs]);
      for (const field of [first, second]) invalid(field, found.some(([id]) => id === field.id));
      return found;
    },

    forget() {
      first.value = "";
      second.value = "";
    },
  };
}

/** Whether a key file is to be locked, and with which passphrase: nothing is chosen until somebody chooses. */
export function lockQuestion() {
  const w = words().make;
  const passphrase = newPassphrase();
  const fields = h("div", { hidden: true }, passphrase.node);
  const choice = (/** @type {string} */ value) => h("input", { type: "radio", name: "lock", id: `lock-${value}`, value, autocomplete: "off", onchange: () => { fields.hidden = !yes.checked; } });
  const [yes, no] = [choice("yes"), choice("no")];
  return {
    node: h("div", {},
      h("fieldset", {},
        h("legend", {}, w.lockIt),
        h("p", { class: "choice" }, yes, h("label", { for: yes.id }, w.lockYes)),
        h("p", { class: "choice" }, no, h("label", { for: no.id }, w.lockNo))),
      fields),

    /** The passphrase; empty: none is wanted. */
    value: () => (yes.checked ? passphrase.value() : ""),

    /** @returns {[string, string][]} */
    mistakes() {
      const found = passphrase.mistakes(yes.checked);
      return yes.checked || no.checked ? found : [[yes.id, w.choose], ...found];
    },

    forget: () => passphrase.forget(),
  };
}
