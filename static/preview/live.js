// A preview that follows its content: a save reloads the page, and what was found in the files is in sight on every page. Published pages have no
// script.
"use strict";

const { state: address } = document.currentScript.dataset;

// Findings are in English, like the program's other messages to staff; what is around them is in the language of the page, if that is Spanish.
const { lang } = document.documentElement;
const words = lang === "es"
	? {
		errors: (count) => (count === 1 ? "1 error" : `${count} errores`),
		warnings: (count) => (count === 1 ? "1 advertencia" : `${count} advertencias`),
		refused: "Hay algo que corregir. La página es la última versión buena.",
		details: "Detalles",
		page: "En la página",
		help: "Ayuda",
		lost: "El programa no responde. Se intenta de nuevo.",
	}
	: {
		errors: (count) => (count === 1 ? "1 error" : `${count} errors`),
		warnings: (count) => (count === 1 ? "1 warning" : `${count} warnings`),
		refused: "Something needs fixing. The page is the last good version.",
		details: "Details",
		page: "On the page",
		help: "Help",
		lost: "The program does not answer. Trying again.",
	};

const element = (name, text, ...children) => {
	const made = document.createElement(name);
	if (text) made.textContent = text;
	made.append(...children);
	return made;
};

const link = ({ href, title }) => {
	const made = element("a", title);
	made.href = href;
	return made;
};

const finding = ({ path, line, column, message, help, snippet, severity }, page) => {
	const item = element("li", "", element("p", `${path}:${line}:${column}`), element("strong", message));
	item.className = severity;
	if (page) item.firstChild.append(` · ${words.page} `, link(page));
	if (snippet) {
		const source = element("pre", snippet);
		// It scrolls sideways, so the keyboard has to reach it.
		source.tabIndex = 0;
		item.append(source);
	}
	const advice = element("p", "", element("b", `${words.help}: `), help);
	item.append(advice);
	for (const part of [item.children[1], advice]) part.lang = "en";
	return item;
};

// Always in the page, so that a screen reader hears what comes into the first line of it.
const panel = element("section");
panel.id = "preview-findings";
const count = element("p");
count.id = "preview-count";
count.setAttribute("role", "status");
const list = element("ol");
const details = element("details", "", element("summary", words.details), list);
panel.setAttribute("aria-labelledby", count.id);
if (lang !== "es" && lang !== "en") Object.assign(panel, { lang: "en", dir: "ltr" });
panel.hidden = true;
panel.append(count, details);
document.body.prepend(panel);

const { title } = document;
let errorsBefore = 0;

const show = ({ findings, pages, errors, warnings, refused }) => {
	const counts = [errors && words.errors(errors), warnings && words.warnings(warnings)].filter(Boolean).join(", ");
	document.title = counts ? `(${counts}) ${title}` : title;
	panel.hidden = !counts;
	panel.className = refused ? "refused" : "";
	const line = refused ? `${counts}. ${words.refused}` : counts;
	// The same words again would be read out again.
	if (count.textContent !== line) count.textContent = line;
	const isHere = ({ path }) => pages[path]?.href === location.pathname;
	const rank = (finding) => (finding.severity === "error" ? 0 : 2) + (isHere(finding) ? 0 : 1);
	const inOrder = [...findings].sort((one, other) => rank(one) - rank(other));
	list.replaceChildren(...inOrder.map((one) => finding(one, pages[one.path])));
	details.hidden = !findings.length;
	// Errors open it; after that it stays as it was left.
	if (errors > 0 && errorsBefore === 0) details.open = true;
	if (errors === 0 && errorsBefore > 0) details.open = false;
	errorsBefore = errors;
};

// By the clock that only runs: the other one may be set while the page is open, and a page that is up to date would be loaded again.
const requested = performance.getEntriesByType("navigation")[0]?.requestStart ?? 0;

const follow = async () => {
	let seen = "";
	for (;;) {
		try {
			const asked = performance.now();
			const answer = await fetch(`${address}?seen=${seen}`, { cache: "no-store" });
			if (!answer.ok) return;
			const state = await answer.json();
			// The site was replaced after this page was asked for. Counted from the question: a page that is busy reads the answer late.
			if (asked - state.age > requested) return location.reload();
			seen = state.state;
			show(state);
		} catch {
			panel.hidden = false;
			count.textContent = words.lost;
			details.hidden = true;
			seen = "";
			await new Promise((resolve) => setTimeout(resolve, 1000));
		}
	}
};

follow();
