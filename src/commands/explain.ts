import { type Explained, explainText } from "../diagnose/explain.ts";
import { html, page } from "../pages/html.ts";
import { finding } from "../pages/report.ts";

/**
 * Explains an error text that somebody pastes: what it means, who can fix it and how. Asks nobody and changes nothing.
 *
 * @throws Error when there is no text.
 */
export async function main(text: string) {
  const explained = explainText(typeof text === "string" ? text : "");
  return { ...explained, wm_renderer: "html" as const, html: render(explained) };
}

const render = ({ summary, findings, next }: Explained): string =>
  page(
    html`<h2 style="font-size:18px;font-weight:600">${summary}</h2>`,
    findings.map((one, index) => [
      findings.length > 1
        ? html`<div style="margin-top:12px;opacity:.7">Cause ${index + 1} of ${findings.length}</div>`
        : null,
      finding(one),
      one.tells_apart ? html`<p><i>To tell it apart:</i> ${one.tells_apart}</p>` : null,
    ]),
    html`<p style="margin-top:12px">To make sure: ${next}</p>`,
  );
