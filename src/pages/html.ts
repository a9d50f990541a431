import { escapeHtml } from "../core/redact.ts";

/**
 * HTML for Windmill's result view. It goes through DOMPurify there: `<style>`, scripts and event handlers are dropped, inline
 * styles, tables, `<details>`, `<pre>` and `<svg>` stay. Text inherits the theme's colour, so nothing here sets one except for
 * status colours that read on light and dark.
 */

/** Markup that is safe to show: it can only be made by {@link html}, which escapes every text put into it. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | null | undefined | readonly Part[];

/** A template whose texts are escaped; {@link Html} values and lists of them are taken as they are, null is left out. */
export const html = (strings: TemplateStringsArray, ...parts: Part[]): Html =>
  new Html(strings.map((string, index) => string + render(parts[index])).join(""));

function render(part: Part): string {
  if (part === null || part === undefined) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "string" || typeof part === "number") return escapeHtml(String(part));
  return part.map(render).join("");
}

const CELL = "padding:4px 12px 4px 0;border-bottom:1px solid #8884;text-align:left;vertical-align:top";
/** A column is as wide as its longest word, so that none is cut in the middle on a small screen; the table scrolls instead. */
const TABLE = "width:100%;border-collapse:collapse;margin:8px 0;font-size:inherit;overflow-wrap:break-word";

/** A table, which scrolls with the keyboard too; Windmill's Markdown has none, and its own object table sorts columns by itself. */
export const table = (head: readonly string[], rows: readonly (readonly Part[])[]): Html =>
  rows.length === 0
    ? html``
    : html`<div style="overflow-x:auto" tabindex="0"><table style="${TABLE}"><thead><tr>${head.map(
        (title) => html`<th style="${CELL};font-weight:600;white-space:nowrap">${title}</th>`,
      )}</tr></thead><tbody>${rows.map(
        (row) => html`<tr>${row.map((cell) => html`<td style="${CELL}">${cell}</td>`)}</tr>`,
      )}</tbody></table></div>`;

/** A sentence in which `code` between backticks is set as such. */
export const prose = (text: string): Html =>
  html`${text.split(/`([^`]{1,400})`/).map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;

/** Steps in order; a step with line breaks has its lines after the first shown as code to copy. */
export const steps = (texts: readonly string[]): Html =>
  html`<ol style="margin:4px 0 4px 20px;list-style:decimal">${texts.map((text) => {
    const [first, ...code] = text.split("\n");
    return html`<li style="margin:2px 0">${prose(first ?? "")}${
      code.length > 0
        ? html`<pre style="background:#8882;padding:8px;border-radius:4px;white-space:pre-wrap;overflow-wrap:anywhere">${code.join("\n")}</pre>`
        : null
    }</li>`;
  })}</ol>`;

/**
 * Words of a status: a dot in its colour, the words in the theme's own. No colour of text has enough contrast on white and on Windmill's
 * dark background, and a colour alone says nothing to those who do not see it.
 */
export const dotted = (colour: string, words: string): Html =>
  html`<span style="font-weight:600;white-space:nowrap"><span style="display:inline-block;width:.65em;height:.65em;border-radius:50%;margin-right:.4em;background:${colour}"></span>${words}</span>`;

/** Links that look like buttons: what to do next stands out from what is to be read. */
export const doors = (links: readonly { label: string; url: string }[]): Html =>
  links.length === 0
    ? html``
    : html`<p style="margin:12px 0;display:flex;flex-wrap:wrap;gap:8px">${links.map(
        ({ label, url }) =>
          html`<a href="${url}" style="display:inline-block;padding:6px 14px;border:1px solid currentColor;border-radius:6px;font-weight:600;text-decoration:none">${label}</a>`,
      )}</p>`;

/** The frame of every result: the toggle "Pretty | JSON" sits tight above it. */
export const page = (...parts: Part[]): string =>
  html`<div style="font-size:14px;line-height:1.5;margin-top:12px;overflow-wrap:anywhere">${parts}</div>`.text;
