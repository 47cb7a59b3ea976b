// One request: everything it says, who changed it, and the form that closes it.
import { dialled } from "../core/request.js";
import { changedMeanwhile, reopen } from "./changes.js";
import { closingForm } from "./closing.js";
import { button, h, sealedField } from "./dom.js";
import { received } from "./filter.js";
import { printed } from "./fingerprint.js";
import { age, full, outcome, spokenWords, times, when, whom, within } from "./format.js";
import { words, wordsFor } from "./language.js";

/**
 * @typedef {import("./app.js").App} App
 * @typedef {import("./app.js").Entry} Entry
 * @typedef {import("../core/request.js").Request} Request
 */

/** @param {App} app @param {string} reference @returns {import("./app.js").Screen} */
export function requestScreen(app, reference) {
  const node = h("div");
  /** What is drawn is this, as long as nobody changes it. */
  let drawn = "";
  const draw = () => {
    const entry = app.entry(reference);
    const isClosed = app.desk.state.closed.some(({ row }) => row.reference === reference);
    const now = JSON.stringify([entry?.row, entry?.troubles, entry?.before, isClosed, entry?.request === null]);
    if (now === drawn) return false;
    const isFirst = drawn === "";
    drawn = now;
    const { request } = entry ?? {};
    node.replaceChildren(...(entry && request ? opened(app, entry, request, isClosed) : missing(app)));
    return !isFirst;
  };
  draw();
  return {
    node,
    isSecret: true,
    update() {
      // What is changed here is told when it is done.
      if (app.isChanging || !draw()) return;
      // Somebody else did, while it was looked at.
      app.message = changedMeanwhile(app, reference);
      app.frame.update();
      app.frame.focus();
    },
  };
}

/** @param {App} app */
const back = (app) => h("p", { class: "back" },
  button(app.chosen.from === "closed" ? words().request.allClosed : words().request.allWaiting, () => app.show(app.chosen.from), { class: "link" }));

/** @param {App} app */
function missing(app) {
  const w = words().request;
  return [h("div", { class: "head" }, back(app), h("h1", {}, w.gone), h("p", { class: "lead" }, w.goneText))];
}

/** What doesn't fit. @param {string} heading @param {import("../core/request.js").Trouble[]} codes */
const wrong = (heading, codes) => codes.length > 0 && h("div", { class: "mistakes" },
  h("p", {}, h("strong", {}, heading)),
  h("ul", {}, codes.map((code) => h("li", {}, wordsFor(words().troubles, code)))));

/** @param {App} app @param {Entry} entry @param {Request} request @param {boolean} isClosed */
function opened(app, { row, troubles, before }, request, isClosed) {
  const w = words().request;
  const answers = words().answers;
  const now = app.desk.now();
  const number = dialled(request.phone);
  const pages = w.pages;
  const page = request.page === "en" ? pages.en : request.page === "es" ? pages.es : pages.other;
  /** @param {string} label @param {import("./dom.js").Child} value @param {boolean} [isLong] */
  const answer = (label, value, isLong = false) => h("div", { class: isLong ? "wide" : false }, h("dt", {}, label), h("dd", { class: isLong ? "written" : false }, value));
  const came = received({ row, request });
  const draft = app.chosen.drafts.get(row.reference);
  return [
    h("div", { class: "head" },
      back(app),
      h("p", { class: "status num" }, row.reference),
      h("h1", {}, request.name),
      h("p", { class: "call" }, number === null ? h("span", { class: "num" }, request.phone) : h("a", { class: "tel num", href: `tel:${number}`, rel: "noreferrer", onclick: () => app.away() }, request.phone)),
      h("p", { class: `instructions${request.message === "named" ? "" : " careful"}` }, h("strong", {}, w.ifNobody), " ", answers.message[request.message ?? "no"]),
      wrong(w.troubles, troubles.filter((code) => code !== "stranger")),
      // That may be as it should be: a colleague's new key.
      wrong(w.stranger, troubles.filter((code) => code === "stranger"))),
    h("section", { class: "work", "aria-labelledby": "answers" },
      h("h2", { id: "answers" }, w.heading),
      h("dl", { class: "answers" },
        answer(w.came, [h("span", { class: "screen" }, w.cameIn(when(came, now), age(came, now), page)), h("span", { class: "print-only" }, w.cameOn(full(came), page))]),
        request.phone_typed !== "" && answer(w.typed, request.phone_typed),
        answer(w.time, times(request)),
        answer(w.language, spokenWords(request)),
        answer(w.whom, whom(request)),
        answer(w.note, request.note === "" ? w.nothing : request.note, true),
        before && answer(w.before, [`${before.what === "number" ? w.sameNumber : w.sameName} `, button(before.reference, () => app.show("request", before.reference), { class: "link num" })], true))),
    isClosed
      ? h("section", { class: "work", "aria-labelledby": "closed" }, closed(app, row.reference, request, now))
      : h("section", { class: "work screen", "aria-labelledby": "close" }, h("h2", { id: "close" }, words().closing.heading), closingForm(app, row.reference)),
    isClosed && draft !== undefined && draft.note !== "" ? unsaved(draft.note) : h("span", { hidden: true }),
    history(app, row, now),
    around(app, row.reference),
  ];
}

/** @param {App} app @param {string} reference @param {Request} request @param {number} now */
function closed(app, reference, { closing }, now) {
  const w = words().closing;
  const fact = (/** @type {string} */ label, /** @type {string} */ value, /** @type {string} */ kind) => h("div", { class: kind === "" ? false : "wide" }, h("dt", {}, label), h("dd", { class: kind === "" ? false : kind }, value));
  return [
    h("h2", { id: "closed" }, w.closedHeading),
    h("dl", { class: "answers" },
      fact(w.what, closing === null ? "–" : outcome(closing.outcome), ""),
      fact(w.when, closing === null ? "–" : when(Date.parse(closing.at), now), ""),
      fact(w.note, closing === null || closing.note === "" ? words().request.nothing : closing.note, "written")),
    h("div", { class: "screen reopen" },
      h("p", {}, w.forgotten),
      h("p", {}, button(w.reopen, (event) => {
        event.target.disabled = true;
        return reopen(app, reference);
      }))),
  ];
}

/** What somebody had written when another one was faster. @param {string} note */
function unsaved(note) {
  const w = words().closing;
  return h("section", { class: "work screen closing", "aria-labelledby": "unsaved-heading" },
    h("h2", { id: "unsaved-heading" }, h("label", { for: "unsaved" }, w.yourNote)),
    h("p", { class: "hint", id: "unsaved-hint" }, w.yourNoteHint),
    h("textarea", { ...sealedField, id: "unsaved", readonly: true, rows: 4, "aria-describedby": "unsaved-hint", value: note }));
}

/** @param {App} app @param {import("../core/server.js").Row} row @param {number} now */
function history(app, { history }, now) {
  const w = words().request;
  const own = app.desk.state.own;
  /** @param {string} key */
  const who = (key) => {
    if (key === "") return w.byUnknown;
    const [before, after] = (own.includes(key) ? w.byYou("\n") : w.by("\n")).split("\n");
    return [before, printed(key), after];
  };
  return h("section", { class: "work history", "aria-labelledby": "history" },
    h("h2", { id: "history" }, w.history),
    history.length === 0
      ? h("p", {}, w.historyNone)
      : h("ol", {}, history.map(({ state, key, hour }) => h("li", {}, `${w.did[state]}: ${within(hour * 1000, now)}, `, who(key)))));
}

/** The requests before and after, in the order of the list. @param {App} app @param {string} reference */
function around(app, reference) {
  const w = words().request;
  const at = app.chosen.order.indexOf(reference);
  const [previous, next] = at < 0 ? [] : [app.chosen.order[at - 1], app.chosen.order[at + 1]];
  const go = (/** @type {string} */ label, /** @type {string | undefined} */ to) => to !== undefined && h("li", {}, button(label, () => app.show("request", to)));
  return h("nav", { class: "work screen around", "aria-label": w.around },
    h("ul", { class: "row" }, go(w.previous, previous), go(w.next, next), h("li", {}, button(w.print, () => window.print()))));
}
