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

/** A table; Windmill's Markdown has none, and its own object table sorts columns by itself. */
export const table = (head: readonly string[], rows: readonly (readonly Part[])[]): Html =>
  rows.length === 0
    ? html``
    : html`<div style="overflow-x:auto"><table style="width:100%;border-collapse:collapse;margin:8px 0;font-size:inherit"><thead><tr>${head.map(
        (title) => html`<th style="${CELL};font-weight:600">${title}</th>`,
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
        ? html`<pre style="background:#8882;padding:8px;border-radius:4px;overflow-x:auto">${code.join("\n")}</pre>`
        : null
    }</li>`;
  })}</ol>`;

/** The frame of every result: the toggle "Pretty | JSON" sits tight above it. */
export const page = (...parts: Part[]): string =>
  html`<div style="font-size:14px;line-height:1.5;margin-top:12px">${parts}</div>`.text;
