// "I have no key yet": a key for this desk, one for the safe, and the lines for the admin.
import { newKey } from "../core/age.js";
import { write } from "../core/keyfile.js";
import { download } from "./download.js";
import { button, h, mistakes } from "./dom.js";
import { fingerprinted } from "./fingerprint.js";
import { day, place } from "./format.js";
import { spoken } from "./errors.js";
import { words } from "./language.js";
import { lockQuestion } from "./passphrase.js";
import { sheet } from "./sheet.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {{ identity: string, recipient: string }} Key */

/** As `keys new` and the guide name them. */
const OWN_FILE = "staff-key.txt";
const SAFE_FILE = "safe-key.txt";

/** @param {App} app @returns {import("./app.js").Screen} */
export function makeScreen(app) {
  const node = h("div", { class: "make" });
  /** @type {import("./app.js").Screen} */
  const screen = { node, isSecret: false };
  /** @param {HTMLElement[]} children */
  const go = (children) => {
    node.replaceChildren(...children);
    app.frame.focus();
  };
  node.append(...questions(app, (own, safe, passphrase) => {
    screen.isSecret = true;
    go(saving(app, own, safe, passphrase, () => go(sending(app, own, safe))));
  }));
  return screen;
}

/**
 * Whether there is to be a passphrase, and which.
 *
 * @param {App} app
 * @param {(own: Key, safe: Key, passphrase: string) => void} made
 */
function questions(app, made) {
  const w = words().make;
  const lock = lockQuestion();
  const problem = h("div");
  const progress = h("p", { class: "progress", role: "status" });
  const form = h("form", {
    class: "closing", novalidate: true,
    async onsubmit(/** @type {SubmitEvent} */ event) {
      event.preventDefault();
      if (progress.textContent !== "") return;
      const found = lock.mistakes();
      if (found.length > 0) {
        const box = mistakes(w.mistakes, found);
        problem.replaceChildren(box);
        box.focus();
        return;
      }
      problem.replaceChildren();
      progress.textContent = w.making;
      await new Promise((resolve) => setTimeout(resolve, 30));
      made(await newKey(), await newKey(), lock.value());
      lock.forget();
    },
  },
  lock.node,
  h("p", { class: "actions" }, h("button", { class: "button" }, w.make), button(words().cancel, () => app.show("start"))),
  progress);
  return [h("div", { class: "head" }, h("h1", {}, w.heading), h("p", { class: "lead" }, w.lead)), h("section", { class: "work", "aria-label": w.heading }, problem, form)];
}

/**
 * Both keys leave the page before it goes on.
 *
 * @param {App} app
 * @param {Key} own
 * @param {Key} safe
 * @param {string} passphrase
 * @param {() => void} done
 */
function saving(app, own, safe, passphrase, done) {
  const w = words().make;
  const saved = { own: false, safe: false };
  const comment = w.comment(place(app.config.server), day(app.desk.now()));
  const [ownSaid, safeSaid] = [h("p", { role: "status" }), h("p", { role: "status" })];
  const problem = h("div");
  /** What is still to be done. @returns {[string, string][]} */
  const missing = () => {
    /** @type {[boolean, string, string][]} */
    const both = [[saved.own, "save-own", w.saveFirst], [saved.safe, "save-safe", w.safeFirst]];
    return both.flatMap(([is, id, text]) => (is ? [] : [[id, text]]));
  };
  const tell = () => {
    const found = missing();
    problem.replaceChildren(...(found.length > 0 ? [mistakes(w.notSaved, found)] : []));
  };
  /** What is done is no longer asked for. @param {"own" | "safe"} key */
  const did = (key) => {
    saved[key] = true;
    if (problem.hasChildNodes()) tell();
  };
  const saveOwn = button(w.ownSave, async () => {
    ownSaid.textContent = passphrase === "" ? "" : w.making;
    const file = { keys: [own], readers: [safe.recipient] };
    download(OWN_FILE, await write(file, { comment, ...(passphrase === "" ? {} : { passphrase }) }));
    did("own");
    ownSaid.textContent = w.ownSaved(OWN_FILE);
  }, { id: "save-own", class: "button primary" });
  const print = button(w.safePrint, () => {
    did("safe");
    safeSaid.textContent = w.safePrinted;
    window.print();
  }, { id: "save-safe", class: "button primary" });
  const saveSafe = button(w.safeSave, async () => {
    download(SAFE_FILE, await write({ keys: [safe], readers: [own.recipient] }, { comment }));
    did("safe");
    safeSaid.textContent = w.safeSaved(SAFE_FILE);
  });
  const goOn = button(w.goOn, () => {
    if (missing().length === 0) return done();
    tell();
    problem.querySelector("div")?.focus();
    return undefined;
  }, { id: "go-on" });
  return [
    h("div", { class: "head screen" }, h("h1", {}, w.savedHeading), h("p", { class: "lead" }, w.savedLead), problem),
    h("section", { class: "work screen", "aria-labelledby": "own-heading" },
      h("h2", { id: "own-heading" }, `1. ${w.ownHeading}`), h("p", {}, w.own), h("p", {}, saveOwn), ownSaid),
    h("section", { class: "work", "aria-labelledby": "safe-heading" },
      h("div", { class: "screen" },
        h("h2", { id: "safe-heading" }, `2. ${w.safeHeading}`), h("p", {}, w.safe), h("p", { class: "row" }, print, saveSafe), safeSaid),
      h("div", { class: "paper" }, sheet(safe, app.config.server, app.desk.now()))),
    h("section", { class: "work screen", "aria-label": w.goOn }, h("p", {}, goOn)),
  ];
}

/**
 * What goes to the admin.
 *
 * @param {App} app
 * @param {Key} own
 * @param {Key} safe
 */
function sending(app, own, safe) {
  const w = words().make;
  const lines = `${own.recipient}\n${safe.recipient}`;
  const field = h("textarea", { id: "lines", class: "lines-of-keys", readonly: true, rows: 6, spellcheck: "false", value: lines });
  const said = h("p", { role: "status" });
  const problem = h("div");
  const copy = button(w.copy, async () => {
    try {
      await navigator.clipboard.writeText(lines);
      said.textContent = w.copied;
    } catch {
      field.focus();
      field.select();
      said.textContent = w.notCopied;
    }
  });
  const open = button(w.open, async () => {
    problem.replaceChildren();
    try {
      await app.open([{ keys: [own], readers: [safe.recipient] }]);
    } catch (error) {
      const box = mistakes(words().start.failed, [["", spoken(error)]]);
      problem.replaceChildren(box);
      box.focus();
    }
  }, { id: "open", class: "button primary" });
  return [
    h("div", { class: "head" }, h("h1", {}, w.sendHeading), h("p", { class: "lead" }, w.sendLead)),
    h("section", { class: "work", "aria-labelledby": "lines-heading" },
      h("h2", { id: "lines-heading" }, h("label", { for: "lines" }, w.sendLines)), field, h("p", { class: "row" }, copy), said),
    h("section", { class: "work", "aria-label": w.comparing },
      h("p", {}, w.comparing),
      h("dl", { class: "answers" },
        h("div", { class: "wide" }, h("dt", {}, w.yours), h("dd", {}, fingerprinted(own.recipient))),
        h("div", { class: "wide" }, h("dt", {}, w.safes), h("dd", {}, fingerprinted(safe.recipient))))),
    h("section", { class: "work", "aria-label": w.open }, h("p", {}, w.then), problem, h("p", {}, open)),
  ];
}
