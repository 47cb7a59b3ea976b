// The first screen: which key opens the desk.
import { KeyFileError, read } from "../core/keyfile.js";
import { button, h, mistakes, sealedField } from "./dom.js";
import { spoken } from "./errors.js";
import { words, wordsFor } from "./language.js";
import { showing } from "./passphrase.js";

/**
 * @typedef {import("./app.js").App} App
 * @typedef {import("../core/keyfile.js").KeyFile} KeyFile
 * @typedef {{ name: string, bytes: Uint8Array }} Chosen
 */

/** More is no key file. */
const MOST = 64 * 1024;

/** @param {unknown} error @param {string} name */
function keyFileWords(error, name) {
  const w = words().keyFile;
  if (!(error instanceof KeyFileError)) return spoken(error);
  switch (error.code) {
    case "broken_key": return name === "" ? w.broken_sheet : w.broken_key(name, error.line ?? 0);
    case "wrong_passphrase": return w.wrong_passphrase;
    case "locked": return w.locked;
    case "too_much_work": return w.too_much_work(name);
    default: return name === "" ? w.broken_sheet : w.not_a_key_file(name);
  }
}

/**
 * Asks for key files and opens the desk with them. On its own screen, and on that of the keys for one more.
 *
 * @param {App} app
 * @param {(part: HTMLElement | null) => void} [instead] Called with what takes the place of the rest: the question for a passphrase, or nothing again.
 */
export function chooser(app, instead = () => undefined) {
  const w = words().start;
  const problem = h("div");
  const progress = h("p", { class: "progress", role: "status" });
  /** @param {string} heading @param {[string, string][]} found */
  const fail = (heading, found) => {
    progress.textContent = "";
    const box = mistakes(heading, found);
    problem.replaceChildren(box);
    box.focus();
  };

  /** @param {Chosen[]} chosen @param {KeyFile[]} files */
  const next = async (chosen, files) => {
    const [first, ...rest] = chosen;
    if (first === undefined) return finish(files);
    progress.textContent = words().start.reading;
    try {
      await next(rest, [...files, await read(first.bytes)]);
    } catch (error) {
      if (error instanceof KeyFileError && error.code === "locked") instead(passphrase(first, rest, files));
      else fail(words().keyFile.heading, [["", keyFileWords(error, first.name)]]);
    }
    return undefined;
  };

  /** @param {KeyFile[]} files */
  const finish = async (files) => {
    progress.textContent = words().start.opening;
    try {
      await app.open(files);
      progress.textContent = "";
    } catch (error) {
      instead(null);
      if (app.place === "start") fail(words().start.failed, [["", spoken(error)]]);
    }
  };

  /** @param {Chosen} file @param {Chosen[]} rest @param {KeyFile[]} files */
  const passphrase = (file, rest, files) => {
    const w = words().start;
    progress.textContent = "";
    const field = h("input", { ...sealedField, id: "passphrase", type: "password" });
    const problem = h("div");
    const progress_ = h("p", { class: "progress", role: "status" });
    // Files of one name are told apart by their place.
    const [at, of] = [files.length + 1, files.length + 1 + rest.length];
    const heading = of > 1 ? w.passphraseOf(file.name, at, of) : w.passphraseFor(file.name);
    const form = h("form", {
      class: "closing",
      async onsubmit(/** @type {SubmitEvent} */ event) {
        event.preventDefault();
        if (progress_.textContent !== "") return;
        /** @param {string} text */
        const wrong = (text) => {
          progress_.textContent = "";
          problem.replaceChildren(mistakes(words().keyFile.heading, [["", text]]));
          field.focus();
        };
        if (field.value === "") return wrong(words().keyFile.empty);
        problem.replaceChildren();
        progress_.textContent = words().start.unlocking;
        // Lets the words be seen before the work begins.
        await new Promise((resolve) => setTimeout(resolve, 30));
        try {
          const opened = await read(file.bytes, field.value);
          // Locked or canceled meanwhile: the key is wanted no more.
          if (!problem.isConnected) return;
          field.value = "";
          await next(rest, [...files, opened]);
        } catch (error) {
          wrong(keyFileWords(error, file.name));
        }
      },
    },
    h("p", { class: "field" }, h("label", { for: "passphrase" }, w.passphrase), field),
    showing([field]),
    h("p", { class: "actions" }, h("button", { class: "button" }, w.unlock), button(words().cancel, () => instead(null))),
    progress_);
    return h("div", {},
      h("div", { class: "head" }, h("h1", {}, heading), h("p", { class: "lead" }, w.passphraseLead)),
      h("section", { class: "work", "aria-label": heading }, problem, form));
  };

  /** @param {FileList | null | undefined} list */
  const take = async (list) => {
    problem.replaceChildren();
    const files = [...(list ?? [])];
    const chosen = await Promise.all(files.map(async (file) => ({ name: file.name, bytes: file.size > MOST ? new Uint8Array() : new Uint8Array(await file.arrayBuffer()) })));
    if (chosen.length > 0) await next(chosen, []);
  };

  const input = h("input", {
    type: "file", id: "key-file", multiple: true, class: "file",
    onchange() {
      void take(input.files);
      // The same file can be chosen again.
      input.value = "";
    },
  });
  // What is dropped anywhere on the screen gets into the field, by the frame.
  const part = h("div", { class: "drop" },
  h("p", { class: "choose" }, input, h("label", { for: "key-file", class: "button primary" }, w.choose), " ", h("span", {}, w.drop)),
  h("p", { class: "hint", id: "key-file-hint" }, w.chooseHint));
  input.setAttribute("aria-describedby", "key-file-hint");

  const typed = h("textarea", { ...sealedField, id: "sheet", rows: 3, "aria-describedby": "sheet-hint" });
  const sheet = h("details", { class: "sheet-field" },
    h("summary", {}, w.sheet),
    h("form", {
      class: "closing",
      async onsubmit(/** @type {SubmitEvent} */ event) {
        event.preventDefault();
        const text = typed.value.replace(/\s+/g, "").toUpperCase();
        if (text === "") return fail(words().keyFile.heading, [["sheet", words().keyFile.emptySheet]]);
        try {
          const file = await read(text);
          typed.value = "";
          await finish([file]);
        } catch (error) {
          fail(words().keyFile.heading, [["sheet", keyFileWords(error, "")]]);
        }
      },
    },
    h("p", { class: "field" }, h("label", { for: "sheet" }, w.sheetLabel), typed),
    h("p", { class: "hint", id: "sheet-hint" }, w.sheetHint),
    h("p", {}, h("button", { class: "button" }, w.sheetOpen))));

  return h("div", {}, problem, part, progress, sheet);
}

/** @param {App} app @returns {import("./app.js").Screen} */
export function startScreen(app) {
  const w = words().start;
  const { counts } = app.desk.state;
  const why = app.why === "" ? "" : app.why === "idle" ? w.locked : app.why === "you" ? w.lockedByYou : wordsFor(words().errors, app.why);
  const waiting = h("p", { class: "lead" });
  const rest = h("div", {},
    h("h1", {}, w.heading),
    why !== "" ? h("p", { class: "notice" }, why) : h("p", { class: "lead" }, w.lead),
    waiting);
  const first = h("section", { class: "work", "aria-labelledby": "first" },
    h("h2", { id: "first" }, w.noneHeading),
    h("p", {}, button(w.none, () => app.show("make"))));
  const node = h("div", { class: "start" });
  const keys = chooser(app, (part) => {
    node.replaceChildren(...(part ? [part] : [rest, keys, first]));
    app.frame.focus();
    if (part) part.querySelector("input")?.focus();
  });
  rest.className = "head";
  node.append(rest, keys, first);
  const update = () => {
    waiting.textContent = app.why !== "" && counts.waiting > 0 ? words().start.lockedWaiting(app.desk.state.counts.waiting) : "";
    waiting.hidden = waiting.textContent === "";
  };
  update();
  return { node, update };
}
