// A preview that follows its content: a save reloads the page, and what is wrong is told on it. Published pages have no script.
"use strict";

const { state: address } = document.currentScript.dataset;

const words = document.documentElement.lang === "es"
	? { title: "Hay algo que corregir", kept: "Los visitantes ven la última versión buena.", help: "Ayuda", lost: "El programa no responde. Se intenta de nuevo." }
	: { title: "Something needs mending", kept: "The page below is the last good one.", help: "Help", lost: "The program does not answer. Trying again." };

const element = (name, text, ...children) => {
	const made = document.createElement(name);
	if (text) made.textContent = text;
	made.append(...children);
	return made;
};

const finding = ({ path, line, column, message, help, snippet, severity }) => {
	const item = element("li", "", element("p", `${path}:${line}:${column}`), element("strong", message));
	item.className = severity;
	if (snippet) item.append(element("pre", snippet));
	item.append(element("p", `${words.help}: ${help}`));
	return item;
};

// Always in the page, so that a screen reader hears what comes into it.
const panel = element("section");
panel.id = "preview-findings";
panel.setAttribute("role", "alert");
document.body.prepend(panel);

const show = ({ findings, refused }) => {
	panel.replaceChildren();
	if (!refused) return;
	const errors = findings.filter(({ severity }) => severity === "error");
	panel.append(element("h2", words.title), element("p", words.kept), element("ol", "", ...errors.map(finding)));
};

// By the clock that only runs: the other one may be set while the page is open, and a page that is up to date would be loaded again.
const requested = performance.getEntriesByType("navigation")[0]?.requestStart ?? 0;

const follow = async () => {
	let seen = "";
	for (;;) {
		try {
			const answer = await fetch(`${address}?seen=${seen}`, { cache: "no-store" });
			if (!answer.ok) return;
			const state = await answer.json();
			// The site was replaced after this page was asked for.
			if (state.age < performance.now() - requested) return location.reload();
			seen = state.state;
			show(state);
		} catch {
			panel.replaceChildren(element("p", words.lost));
			seen = "";
			await new Promise((resolve) => setTimeout(resolve, 1000));
		}
	}
};

follow();
