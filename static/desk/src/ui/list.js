// The lists: what waits, and what is closed.
import { closeMany, reopen } from "./changes.js";
import { button, h, sealedField } from "./dom.js";
import { spoken as spokenError } from "./errors.js";
import { clear, clearIfSpent, fitting, inOrder, isNarrow, isOpened, received } from "./filter.js";
import { age, ageOfHour, clock, outcome, spokenWords, times, when, whom } from "./format.js";
import { words, wordsFor } from "./language.js";

/**
 * @typedef {import("./app.js").App} App
 * @typedef {import("./app.js").Entry} Entry
 * @typedef {import("./filter.js").Opened} Opened
 */

/** While many are opened, the list is drawn so often: milliseconds. */
const PAUSE = 500;

/** So many are drawn at first, and more when somebody asks. */
const DRAWN = 100;

/** @param {App} app @param {"waiting" | "closed"} list @returns {import("./app.js").Screen} */
export function listScreen(app, list) {
  const w = words().list;
  const isWaiting = list === "waiting";
  app.chosen.from = list;
  const filter = app.chosen.filters[list];
  let isCleared = clearIfSpent(app.desk.state[list], filter);
  if (isCleared) app.say(w.cleared);
  if (!isWaiting) app.chosen.selected.clear();

  const heading = h("h1", {});
  const lead = h("p", { class: "lead" });
  const opening = h("div", { class: "opening" });
  const head = h("div", { class: "head" }, heading, lead, opening);
  const [rows, asking, others] = [h("div", { tabindex: "-1" }), h("div"), h("div", { tabindex: "-1" })];

  /** @param {string} id @param {string} label @param {HTMLElement} field @param {string} [hint] */
  const labelled = (id, label, field, hint) => h("p", {}, h("label", { for: id }, label, hint ? h("span", { class: "visually-hidden" }, `: ${hint}`) : null), field);
  /** @param {"order" | "time" | "speak"} what @param {Record<string, string>} options */
  const choose = (what, options) => h("select", {
    id: what, value: filter[what], autocomplete: "off",
    onchange(/** @type {Event} */ event) {
      filter[what] = /** @type {HTMLSelectElement} */ (event.target).value;
      filtered();
    },
  }, Object.entries(options).map(([value, label]) => h("option", { value }, label)));
  const search = h("input", {
    ...sealedField, id: "search", type: "search", value: filter.search, placeholder: w.searchHint,
    oninput() {
      filter.search = search.value.trim();
      filtered();
    },
  });
  const answers = words().answers;
  const filters = h("div", { class: "filter", role: "search", "aria-label": w.filters },
    labelled("search", w.search, search),
    labelled("order", w.order, choose("order", isWaiting ? { first: w.longest, last: w.newest } : { last: w.closedLast, first: w.closedFirst })),
    isWaiting && labelled("time", w.time, choose("time", { "": w.any, ...answers.times })),
    labelled("speak", w.speak, choose("speak", { "": w.any, ...answers.languages })));
  // On a phone, who waits first is seen first.
  const fold = h("details", { class: "fold", open: isNarrow(filter) || matchMedia("(min-width: 48em)").matches }, h("summary", {}, w.fold), filters);

  const filtered = () => {
    isCleared = false;
    limit = DRAWN;
    update();
    app.say(w.shown(app.chosen.order.length, app.desk.state[list].filter(isOpened).length));
  };

  let limit = DRAWN;
  let last = 0;
  let due = 0;
  const update = () => {
    clearTimeout(due);
    last = Date.now();
    const { desk } = app;
    const { progress, counts, more, keepDays } = desk.state;
    const now = app.desk.now();
    put(heading, isWaiting ? w.waiting(counts.waiting) : w.closed(counts.closed));
    put(lead, isWaiting ? w.asOf(clock(now)) : keepDays > 0 ? w.deleted(keepDays) : w.deletedNever);
    const busy = progress.done < progress.total;
    opening.replaceChildren(...(busy ? [h("progress", { max: progress.total, value: progress.done, "aria-label": w.opening(progress.done, progress.total) }), h("span", {}, w.opening(progress.done, progress.total))] : []));

    const all = desk.state[list];
    const opened = all.filter(isOpened);
    const shown = inOrder(fitting(opened, filter), filter, list);
    filter.had = shown.length;
    const drawn = shown.slice(0, limit);
    app.chosen.order = shown.map((entry) => entry.row.reference);
    const listed = new Set(app.chosen.order);
    for (const reference of app.chosen.selected) if (!listed.has(reference)) app.chosen.selected.delete(reference);
    fold.hidden = opened.length < 2 && !isNarrow(filter);
    const isFiltered = shown.length < opened.length;
    const showAll = button(w.all, () => {
      clear(filter);
      app.draw();
      app.frame.focus();
    }, { class: "link", "data-focus": "all" });
    const left = counts[list] - all.length;
    const parts = [
      isFiltered && h("p", { class: "shown" }, `${w.shown(shown.length, opened.length)} `, showAll),
      isCleared && h("p", { class: "shown" }, w.cleared),
      shown.length === 0 && !busy && h("p", { class: "empty" }, isFiltered ? w.emptyFilter : all.length > 0 ? w.emptyKey : !isWaiting ? w.emptyClosed : counts.closed > 0 ? w.empty : w.emptyNew),
      shown.length > 0 && (isWaiting ? waitingTable(app, shown, drawn, now, asking, update) : closedTable(app, drawn, now)),
      shown.length > drawn.length && h("p", { class: "row" }, button(w.drawMore(Math.min(DRAWN, shown.length - drawn.length), shown.length - drawn.length), () => {
        limit += DRAWN;
        update();
      }, { "data-focus": "draw" })),
      more[list] && h("p", { class: "row" }, left > 0 && h("span", {}, w.partly(all.length, counts[list])), button(w.more(Math.max(left, 0)), async (event) => {
        event.target.disabled = true;
        app.say(w.loading);
        try {
          await desk.more(list);
          app.say(words().done.loaded);
        } catch (error) {
          app.notice(() => spokenError(error));
        }
        update();
      }, { "data-focus": "more" })),
    ];
    const sealed = all.filter((entry) => !isOpened(entry) && entry.why !== null);
    refill(rows, h("section", { class: "work", "aria-label": heading.textContent ?? "" }, parts));
    refill(others, sealed.length > 0 ? sealedTable(sealed, now) : h("div"));
  };

  update();
  return {
    node: h("div", {}, head, fold, rows, asking, others),
    isSecret: true,
    update() {
      // Everything is drawn anew, so a run of changes is drawn now and then.
      clearTimeout(due);
      if (Date.now() - last >= PAUSE) update();
      else due = setTimeout(update, PAUSE);
    },
  };
}

/** A text that is the same is left alone: it would be read aloud again. @param {HTMLElement} into @param {string} text */
function put(into, text) {
  if (into.textContent !== text) into.textContent = text;
}

/** Puts new content in the place of the old, if it is another one, and the focus where it was. @param {HTMLElement} into @param {HTMLElement} content */
function refill(into, content) {
  const active = document.activeElement;
  const focused = active instanceof HTMLElement && into.contains(active) ? active.dataset["focus"] : undefined;
  if (into.firstElementChild?.isEqualNode(content)) return;
  into.replaceChildren(content);
  if (focused === undefined) return;
  const again = [...into.querySelectorAll("[data-focus]")].find((one) => one instanceof HTMLElement && one.dataset["focus"] === focused);
  (again instanceof HTMLElement ? again : into).focus({ preventScroll: true });
}

/** @param {App} app @param {Opened} entry */
function nameCell(app, { row, request, before, troubles }) {
  const w = words().list;
  return h("th", { scope: "row" },
    button(request.name, () => app.show("request", row.reference), { class: "link name-link", "data-focus": `open ${row.reference}` }),
    h("span", { class: "num" }, row.reference),
    before && h("span", { class: "again" }, `${w.before[before.what]} `, h("b", { class: "num" }, before.reference)),
    troubles.map((code) => h("span", { class: "trouble" }, wordsFor(words().troubles, code))));
}

/** @param {App} app @param {Opened[]} shown @param {Opened[]} drawn those of them that are drawn @param {number} now @param {HTMLElement} asking @param {() => void} update */
function waitingTable(app, shown, drawn, now, asking, update) {
  const w = words().list;
  const short = words().answers.messageShort;
  const { selected } = app.chosen;
  /** @param {string} id @param {import("./dom.js").Child} label @param {boolean} checked @param {(checked: boolean) => void} put */
  const box = (id, label, checked, put) => [
    h("input", {
      type: "checkbox", id, checked, "data-focus": id, autocomplete: "off",
      onchange(/** @type {Event} */ event) {
        put(/** @type {HTMLInputElement} */ (event.target).checked);
        asking.replaceChildren();
        update();
      },
    }),
    h("label", { for: id }, label)];
  const line = (/** @type {Opened} */ entry) => {
    const { row, request } = entry;
    return h("tr", {},
      h("td", { class: "select" }, h("span", { class: "tick" }, box(`select-${row.reference}`, h("span", { class: "visually-hidden" }, w.selectOne(`${request.name}, ${row.reference}`)), selected.has(row.reference), (checked) => {
        if (checked) selected.add(row.reference);
        else selected.delete(row.reference);
      }))),
      nameCell(app, entry),
      h("td", { "data-column": w.waits }, age(received(entry), now)),
      h("td", { "data-column": w.times }, times(request)),
      h("td", { "data-column": w.language }, spokenWords(request)),
      h("td", { "data-column": w.message }, short[request.message ?? "no"]),
      h("td", { "data-column": w.whom }, whom(request)));
  };
  const all = shown.length > 1 && h("p", { class: "choice" }, box("select-all", w.selectAll(shown.length), shown.every(({ row }) => selected.has(row.reference)), (checked) => {
    for (const { row } of shown) {
      if (checked) selected.add(row.reference);
      else selected.delete(row.reference);
    }
  }));
  return [
    h("div", { class: "table" }, h("table", {},
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, h("span", { class: "visually-hidden" }, w.select)), [w.name, w.waits, w.times, w.language, w.message, w.whom].map((label) => h("th", { scope: "col" }, label)))),
      h("tbody", {}, drawn.map(line)))),
    (shown.length > 1 || selected.size > 0) && h("div", { class: "row many" }, all, selected.size > 0 && button(w.junk(selected.size), () => ask(app, asking), { "data-focus": "junk" })),
  ];
}

/** Asks once more before many are closed as junk. @param {App} app @param {HTMLElement} into */
function ask(app, into) {
  const w = words().list;
  const references = [...app.chosen.selected];
  const progress = h("p", { role: "status", class: "progress" });
  const question = h("div", { class: "done ask", role: "group", tabindex: "-1", "aria-labelledby": "ask" },
    h("p", {}, h("strong", { id: "ask" }, w.junkAsk(references.length)), " ", w.junkHint),
    button(w.junkDo, async (event) => {
      event.target.disabled = true;
      progress.textContent = words().closing.closing;
      await closeMany(app, references);
    }),
    button(words().notNow, () => {
      into.replaceChildren();
      /** @type {HTMLElement | null} */ (document.querySelector("[data-focus=junk]"))?.focus();
    }), progress);
  into.replaceChildren(question);
  question.focus();
}

/** @param {App} app @param {Opened[]} shown @param {number} now */
function closedTable(app, shown, now) {
  const w = words().list;
  return h("div", { class: "table" }, h("table", {},
    h("thead", {}, h("tr", {}, [w.name, w.outcome, w.closedAt, w.mistake].map((label) => h("th", { scope: "col" }, label)))),
    h("tbody", {}, shown.map((entry) => {
      const { row, request } = entry;
      return h("tr", {},
        nameCell(app, entry),
        h("td", { "data-column": w.outcome }, request.closing ? outcome(request.closing.outcome) : "–"),
        h("td", { "data-column": w.closedAt }, request.closing ? when(Date.parse(request.closing.at), now) : "–"),
        h("td", {}, h("button", {
          type: "button", class: "button", "data-focus": `reopen ${row.reference}`,
          async onclick(/** @type {Event & { currentTarget: HTMLButtonElement }} */ event) {
            event.currentTarget.disabled = true;
            await reopen(app, row.reference);
          },
        }, w.reopen, h("span", { class: "visually-hidden" }, ` ${row.reference}`))));
    }))));
}

/** @param {Entry[]} sealed @param {number} now */
function sealedTable(sealed, now) {
  const w = words().list;
  return h("section", { class: "work", "aria-labelledby": "sealed" },
    h("h2", { id: "sealed" }, w.sealed(sealed.length)),
    h("div", { class: "table" }, h("table", {},
      h("thead", {}, h("tr", {}, [w.request, w.waits, w.why, w.key].map((label) => h("th", { scope: "col" }, label)))),
      h("tbody", {}, sealed.map(({ row, why }) => h("tr", {},
        h("th", { scope: "row", class: "num" }, row.reference),
        h("td", { "data-column": w.waits }, ageOfHour(row.received_hour, now)),
        h("td", { "data-column": w.why }, wordsFor(words().why, why ?? "")),
        h("td", { "data-column": w.key, class: "num" }, row.keys.replaceAll(",", ", "))))))));
}
