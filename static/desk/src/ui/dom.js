// Elements, made by hand. Whatever is opened becomes text nodes and attributes, never markup: there is no other way into the page.

/**
 * @typedef {string | number | boolean | null | undefined | ((event: any) => unknown)} Prop
 * @typedef {Node | string | number | null | undefined | false | Child[]} Child
 */

/**
 * An element with attributes and children. A property that begins with `on` listens; `value` is what a field holds; `true` is an
 * attribute without a value; `false`, null and undefined are none.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, Prop>} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  set(element, props);
  element.append(...nodes(children));
  // The value of a list to choose from is one of its children.
  if ("value" in props && "value" in element) /** @type {{ value: unknown }} */ (element).value = props["value"];
  return element;
}

/**
 * A part of a drawing.
 *
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, Prop>} [props]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[T]}
 */
export function svg(tag, props = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  set(element, props);
  element.append(...nodes(children));
  return element;
}

/** @param {Element} element @param {Record<string, Prop>} props */
function set(element, props) {
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (name !== "value" && value !== false && value !== null && value !== undefined) element.setAttribute(name, value === true ? "" : String(value));
    else if (name === "value" && (element.localName === "option" || element.localName === "progress")) element.setAttribute(name, String(value));
  }
}

/** @param {Child[]} children @returns {(Node | string)[]} */
function nodes(children) {
  return children.flatMap((child) => {
    if (Array.isArray(child)) return nodes(child);
    if (child === null || child === undefined || child === false) return [];
    return [typeof child === "number" ? String(child) : child];
  });
}

/** A text field holds what was opened or typed: no browser is to keep it, complete it or have its spelling looked up elsewhere. */
export const sealedField = { autocomplete: "off", autocapitalize: "off", autocorrect: "off", spellcheck: "false", translate: "no" };

/**
 * A button that reads like the site's.
 *
 * @param {string} label
 * @param {(event: any) => unknown} onclick
 * @param {Record<string, Prop>} [props]
 */
export const button = (label, onclick, props = {}) => h("button", { type: "button", class: "button", onclick, ...props }, label);

/**
 * Mistakes in a form, each with the field it is about; without one, there is nowhere to lead to. The caller moves the focus.
 *
 * @param {string} heading
 * @param {[string, string][]} mistakes The id of the field, or nothing, and the words.
 */
export const mistakes = (heading, mistakes) =>
  h("div", { class: "mistakes", role: "alert", tabindex: "-1", "aria-labelledby": "mistakes" },
    h("p", { id: "mistakes" }, h("strong", {}, heading)),
    h("ul", {}, mistakes.map(([id, text]) => h("li", {}, id === "" ? text : button(text, () => document.getElementById(id)?.focus(), { class: "link" })))));

/** Whether what is in a field can't be taken. @param {Element} field @param {boolean} is */
export function invalid(field, is) {
  if (is) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}
