// The form that closes a request. What is typed into it is kept in memory until the request is closed or the desk is locked.
import { shutOut } from "../core/changes.js";
import { CHOICES, MAX_NOTE, length, tidy } from "../core/request.js";
import { close } from "./changes.js";
import { button, h, invalid, mistakes, sealedField } from "./dom.js";
import { fingerprinted } from "./fingerprint.js";
import { words } from "./language.js";

/** @typedef {import("./app.js").App} App */

/** @param {App} app @param {string} reference */
export function closingForm(app, reference) {
  const w = words().closing;
  const draft = app.chosen.drafts.get(reference) ?? { outcome: "", note: "" };
  const keep = () => app.chosen.drafts.set(reference, draft);
  const counter = h("p", { id: "note-left", class: "hint" });
  const problem = h("div");
  const progress = h("p", { role: "status", class: "progress" });
  const left = () => MAX_NOTE - length(tidy.lines(draft.note));
  const count = () => {
    counter.textContent = w.left(left());
    counter.classList.toggle("over", left() < 0);
  };
  const note = h("textarea", {
    ...sealedField, id: "note", rows: 4, "aria-describedby": "note-hint note-left", value: draft.note,
    oninput() {
      draft.note = note.value;
      keep();
      count();
    },
  });
  count();
  const losing = h("div");
  const sure = h("input", { type: "checkbox", id: "shut-out", autocomplete: "off" });
  let asked = "";
  /** Asks about the keys that won't be able to read it any more, if there are some. */
  const ask = () => {
    const keys = shutOut(app.entry(reference));
    if (keys.join() !== asked) {
      asked = keys.join();
      sure.checked = false;
      losing.replaceChildren(...(keys.length === 0 ? [] : [h("fieldset", {},
        h("legend", {}, w.shutOut(keys.length)),
        h("ul", { class: "keys" }, keys.map((key) => h("li", {}, fingerprinted(key)))),
        h("p", {}, w.compare(keys.length), " ", button(words().alarm.keys, () => app.show("keys"), { class: "link" })),
        h("p", { class: "choice" }, sure, h("label", { for: sure.id }, w.allTheSame)))]));
    }
    return keys.length > 0 && !sure.checked;
  };
  ask();
  const submit = h("button", { class: "button" }, w.close);
  return h("form", {
    class: "closing screen", novalidate: true, autocomplete: "off",
    async onsubmit(/** @type {SubmitEvent} */ event) {
      event.preventDefault();
      if (progress.textContent !== "") return;
      const outcome = CHOICES.outcome.find((one) => one === draft.outcome);
      /** @type {[string, string][]} */
      const found = [];
      if (outcome === undefined) found.push([`outcome-${CHOICES.outcome[0]}`, w.choose]);
      if (left() < 0) found.push(["note", w.long(MAX_NOTE - left())]);
      invalid(note, left() < 0);
      if (ask()) found.push([sure.id, w.decide]);
      if (outcome === undefined || found.length > 0) {
        const box = mistakes(w.mistakes, found);
        problem.replaceChildren(box);
        box.focus();
        return;
      }
      problem.replaceChildren();
      progress.textContent = w.closing;
      await close(app, reference, outcome, draft.note);
      progress.textContent = "";
    },
  },
  problem,
  h("fieldset", {},
    h("legend", {}, w.what),
    CHOICES.outcome.map((outcome) => h("p", { class: "choice" },
      h("input", {
        type: "radio", name: "outcome", id: `outcome-${outcome}`, value: outcome, checked: draft.outcome === outcome,
        onchange() {
          draft.outcome = outcome;
          keep();
        },
      }),
      h("label", { for: `outcome-${outcome}` }, words().answers.outcomes[outcome])))),
  h("div", { class: "note" },
    h("label", { for: "note" }, w.note, " ", h("span", {}, w.empty)),
    h("p", { id: "note-hint" }, w.hint),
    note, counter),
  losing,
  h("p", { class: "actions" }, submit),
  progress);
}
