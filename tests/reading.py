#!/usr/bin/env python3
"""How hard each page is to read, by a tool that is not ours: textstat. Prints a Markdown table.

    python3 -m pip install textstat==0.7.8
    clinic-site export --out /tmp/site
    python3 tests/reading.py /tmp/site

English: Flesch-Kincaid grade, at most 7. Spanish: Fernandez Huerta's index, at least 65. Only running text counts (paragraphs, list
items and explanations of the main part): headings and labels are no sentences, and would make every page look easier than it is.
Exit codes: 0 every page can be read, 1 one is too hard, 2 there is nothing to read.
"""

import sys
from html.parser import HTMLParser
from pathlib import Path

import textstat

MAX_GRADE = 7
MIN_EASE = 65
# Without a full stop of their own, these would run into the next sentence.
BLOCKS = {"p", "li", "dd"}
# What is in these is not read as running text.
SKIPPED = {"script", "svg", "mark", "h1", "h2", "h3", "h4", "dt", "th", "td", "caption", "time"}
# Lists of sources, and numbers with their labels.
SKIPPED_CLASSES = {"end", "ways", "actions", "names", "numbers", "law", "translation", "origin", "hush"}


class RunningText(HTMLParser):
    """Collects the running text of <main>."""

    def __init__(self):
        super().__init__()
        self.open, self.texts = [], []

    def handle_starttag(self, tag, attributes):
        if tag in {"br", "img", "meta", "link", "input", "hr"}:
            return
        classes = set((dict(attributes).get("class") or "").split())
        above = self.open[-1] if self.open else (None, False, False)
        inside = above[1] or tag == "main"
        skipped = above[2] or tag in SKIPPED or bool(classes & SKIPPED_CLASSES)
        self.open.append((tag, inside, skipped))

    def handle_startendtag(self, tag, attributes):
        """A shape of a drawing: nothing opens."""

    def handle_endtag(self, tag):
        while self.open:
            last, inside, skipped = self.open.pop()
            if last in BLOCKS and inside and not skipped:
                self.texts.append("\n")
            if last == tag:
                return

    def handle_data(self, data):
        if self.open and self.open[-1][1] and not self.open[-1][2]:
            self.texts.append(data)

    def text(self):
        lines = (" ".join(line.split()) for line in "".join(self.texts).split("\n\n"))
        blocks = (" ".join(block.split()) for line in lines for block in line.split("\n"))
        return " ".join(block if block[-1] in ".?!:" else block + "." for block in blocks if block)


def main(site):
    pages = sorted(site.rglob("index.html"))
    if not pages:
        print(f"{site} holds no pages: clinic-site export --out {site}", file=sys.stderr)
        return 2
    hard = 0
    print("| page | words | measure | |\n|---|---|---|---|")
    for page in pages:
        path = "/" + str(page.parent.relative_to(site)).removeprefix(".")
        parser = RunningText()
        parser.feed(page.read_text(encoding="utf-8"))
        text = parser.text()
        spanish = path.startswith("/es")
        textstat.set_lang("es" if spanish else "en")
        value = textstat.fernandez_huerta(text) if spanish else textstat.flesch_kincaid_grade(text)
        good = value >= MIN_EASE if spanish else value <= MAX_GRADE
        hard += not good
        name = "Fernández Huerta" if spanish else "Flesch–Kincaid grade"
        print(f"| {path} | {len(text.split())} | {name} {value:.1f} | {'' if good else 'too hard'} |")
    return 1 if hard else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(Path(sys.argv[1])))
