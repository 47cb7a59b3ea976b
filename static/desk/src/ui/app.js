// What is on the screen: one screen at a time, held in memory. The address never changes, and nothing is stored.
import { everything } from "./filter.js";
import { mount } from "./frame.js";
import { guard } from "./guard.js";
import { language, speak, words, wordsFor } from "./language.js";
import { keysScreen } from "./keys.js";
import { listScreen } from "./list.js";
import { makeScreen } from "./make.js";
import { requestScreen } from "./request.js";
import { sound } from "./sound.js";
import { startScreen } from "./start.js";

/**
 * @typedef {import("../core/desk.js").Desk} Desk
 * @typedef {import("../core/lists.js").Entry} Entry
 * @typedef {import("../core/keyfile.js").KeyFile} KeyFile
 * @typedef {import("../core/server.js").Config} Config
 *
 * @typedef {object} Screen
 * @property {HTMLElement} node It holds one h1, which takes the focus.
 * @property {() => void} [update] Something of the desk's changed.
 * @property {boolean} [isSecret] Nothing of it is shown in a tab that nobody sees.
 *
 * @typedef {"start" | "make" | "waiting" | "closed" | "request" | "keys"} Place
 *
 * @typedef {object} Message What was just done.
 * @property {() => string} text
 * @property {[() => string, () => unknown]} [action] A button beside it.
 *
 * @typedef {{ outcome: string, note: string }} Draft
 */

/** @type {Record<Place, (app: App, argument: string) => Screen>} */
const screens = {
  start: startScreen,
  make: makeScreen,
  waiting: (app) => listScreen(app, "waiting"),
  closed: (app) => listScreen(app, "closed"),
  request: requestScreen,
  keys: keysScreen,
};

/** What people chose and typed: forgotten when the desk is locked. */
const nothing = () => ({
  /** What is written of an outcome, by reference. @type {Map<string, Draft>} */
  drafts: new Map(),
  /** The references that are ticked. @type {Set<string>} */
  selected: new Set(),
  /** What is looked for, of each list. */
  filters: { waiting: everything("waiting"), closed: everything("closed") },
  /** The references of the list as it was last shown, for "previous" and "next". @type {string[]} */
  order: [],
  /** Which list a request was opened from. */
  from: /** @type {"waiting" | "closed"} */ ("waiting"),
});

export class App {
  /** @param {Config} config @param {Desk} desk */
  constructor(config, desk) {
    this.config = config;
    this.desk = desk;
    /** What was opened, to save a key file anew. @type {KeyFile[]} */
    this.keyFiles = [];
    this.screen = /** @type {Screen | null} */ (null);
    this.place = /** @type {Place} */ ("start");
    this.argument = "";
    this.message = /** @type {Message | null} */ (null);
    /** Why the desk is locked: nobody was there, somebody did it, or what the server said. */
    this.why = "";
    this.isUnlocking = false;
    /** Counts what opens and closes the desk: an opening that was overtaken by a lock ends without a trace. */
    this.turn = 0;
    /** A change is on its way to the server. */
    this.isChanging = false;
    this.told = { isBusy: false, connection: "good" };
    /** What people chose and typed. */
    this.chosen = nothing();
    this.frame = mount(this);
    const keep = guard({
      isOpen: () => desk.state.phase !== "locked",
      isSecret: () => this.screen?.isSecret === true,
      lock: (why) => this.lock(why),
      forget: () => this.forget(),
      hide: (hidden) => this.frame.hide(hidden),
      nudge: () => desk.nudge(),
    });
    this.away = keep.away;
    desk.addEventListener("change", () => this.changed());
    desk.addEventListener("arrived", (event) => this.arrived(/** @type {CustomEvent} */ (event).detail.count));
    desk.addEventListener("troubled", (event) => {
      const { code } = /** @type {CustomEvent} */ (event).detail;
      this.notice(() => wordsFor(words().errors, code));
    });
    speak(language());
    this.show("start");
  }

  /**
   * Shows a screen, and moves the focus to its heading.
   *
   * @param {Place} place
   * @param {string} [argument]
   * @param {Message | null} [message]
   */
  show(place, argument = "", message = null) {
    this.place = place;
    this.argument = argument;
    this.message = message;
    this.draw();
    this.frame.focus();
  }

  /** Draws the screen anew, in the language of now. */
  draw() {
    this.screen = screens[this.place](this, this.argument);
    this.frame.draw(this.screen);
  }

  /** @param {import("./language.js").Language} chosen */
  speak(chosen) {
    speak(chosen);
    this.draw();
    this.frame.focus();
  }

  /** Says something to who listens, and shows nothing. @param {string} text */
  say(text) {
    this.frame.say(text);
  }

  /** @param {string} reference @returns {Entry | undefined} */
  entry(reference) {
    const { waiting, closed } = this.desk.state;
    return [...waiting, ...closed].find((entry) => entry.row.reference === reference);
  }

  /**
   * Opens the desk with key files, besides those that are open.
   *
   * @param {KeyFile[]} files
   */
  async open(files) {
    sound.ready();
    const all = [...this.keyFiles, ...files];
    const turn = ++this.turn;
    this.isUnlocking = true;
    try {
      await this.desk.unlock(all);
    } finally {
      if (turn === this.turn) {
        this.isUnlocking = false;
        this.changed();
      }
    }
    if (turn !== this.turn) return;
    this.keyFiles = all;
    this.why = "";
    this.show("waiting");
  }

  /** @param {"idle" | "you"} why */
  lock(why) {
    this.isUnlocking = false;
    this.desk.lock();
    this.closed(why);
  }

  /** The page goes away, or comes back from where the browser keeps pages. */
  forget() {
    void this.desk.forget();
    this.closed("you");
  }

  /** @param {string} why */
  closed(why) {
    this.turn += 1;
    this.keyFiles = [];
    this.chosen = nothing();
    this.why = why;
    this.show("start");
  }

  changed() {
    const { phase } = this.desk.state;
    if (this.isUnlocking) return;
    if (phase === "locked" && this.place !== "start" && this.place !== "make") {
      this.closed(this.desk.state.reason ?? "you");
      return;
    }
    this.frame.update();
    this.screen?.update?.();
    this.tell();
  }

  /** Says what came to an end: the bar that showed it is gone. */
  tell() {
    const { phase, progress, connection, waiting, closed } = this.desk.state;
    const isBusy = progress.done < progress.total;
    const before = this.told;
    this.told = { isBusy, connection };
    if (phase !== "open") return;
    if (before.isBusy && !isBusy) this.say(words().done.opened([...waiting, ...closed].filter(({ request }) => request !== null).length));
    if (before.connection === "lost" && connection === "good") this.say(words().connection.back);
  }

  /** @param {number} count */
  arrived(count) {
    sound.play();
    if (this.desk.state.phase !== "locked") this.say(words().done.arrived(count));
    this.changed();
  }

  /** Says something above the screen as it is. @param {() => string} text */
  notice(text) {
    this.message = { text };
    this.frame.update();
  }

  /** Trusts a reader until the desk is locked. @param {string} recipient */
  trust(recipient) {
    this.desk.trust(recipient);
    /** @type {[() => string, () => unknown]} */
    const action = [() => words().alarm.save, () => this.show("keys", "save")];
    this.message = { text: () => words().alarm.trusted, action };
    this.changed();
  }
}
