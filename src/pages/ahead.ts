import { limitWords } from "../core/limit_use.ts";
import { COLOURS } from "../core/words.ts";
import type { HealthView } from "../health/view.ts";
import { doors, dotted, type Html, html, table } from "./html.ts";
import { heading } from "./report.ts";

/** What comes, as a page shows it: use against limits, the certificate's end, what was told once. */

const WIDTH = 240;
const HEIGHT = 36;

const moment = (at: string): string => `${at.slice(0, 16).replace("T", " ")} UTC`;
const figure = (value: number): string => Number(value.toPrecision(4)).toLocaleString("en-US");

/** What was used of each limit over the week, and when it will be reached. */
export function limits({ limits: all = [] }: HealthView): Html {
  if (all.length === 0) return html``;
  const rows = all.map((one) => [
    limitWords(one),
    `${figure(one.used)} of ${figure(one.max)} (${Math.floor((one.used / one.max) * 100)} %)`,
    one.reset_at === null ? "" : moment(one.reset_at),
    one.forecast
      ? dotted(
          COLOURS.warn,
          `about ${moment(one.forecast.reached_at)}${one.forecast.sure === "possible" ? ", if it goes on" : ""}`,
        )
      : "",
    curve(one),
  ]);
  return html`${heading("Limits")}${table(["Limit", "Used", "Begins anew", "Reached", "7 days"], rows)}`;
}

type Limit = NonNullable<HealthView["limits"]>[number];

/** The share that was used, with a line at the limit; a gap where nobody looked. */
function curve({ cells, from, cell_s }: Limit): Html {
  const step = WIDTH / cells.length;
  const bars = cells.map((share, index) => {
    if (share === null) return null;
    const height = Math.max(1, Math.round(Math.min(1, share) * (HEIGHT - 2)));
    const at = new Date(Date.parse(from) + (index + 1) * cell_s * 1000).toISOString();
    return html`<rect x="${Math.round(index * step * 10) / 10}" y="${HEIGHT - height}" width="${Math.round((step - 0.6) * 10) / 10}" height="${height}"><title>${moment(at)}: ${Math.round(share * 100)} %</title></rect>`;
  });
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="Use over 7 days"><line x1="0" x2="${WIDTH}" y1="1" y2="1" stroke="${COLOURS.bad}" stroke-dasharray="3 3"></line><g fill="#3b82f6" fill-opacity=".6">${bars}</g></svg>`;
}

/** Until when the gateway's certificate is valid. */
export function certificate({ certificate: one }: HealthView): Html {
  if (!one) return html``;
  const issued = one.issuer === "" ? "" : `, issued by ${one.issuer}`;
  const words = `The certificate of ${one.host} ${one.days < 0 ? "ended" : "is valid until"} ${moment(one.ends_at)} (${one.days} days${issued}), as a worker saw it ${moment(one.seen_at)}.`;
  return html`<p style="opacity:.7">${words}</p>`;
}

/** What was told once; the last week of it. @param now ISO 8601. */
export function notices({ notices: all = [] }: HealthView, now: string): Html {
  const week = all.filter(({ at }) => Date.parse(now) - Date.parse(at) < 7 * 86_400_000);
  if (week.length === 0) return html``;
  const items = week.map(({ title, lines, link, at }) => {
    return html`<p style="border-left:3px solid #8886;padding-left:12px;margin:8px 0"><b>${title}</b> <span style="opacity:.7">${moment(at)}</span><br>${lines.join(" ")}</p>${link ? doors([link]) : null}`;
  });
  return html`${heading("News")}${items}`;
}
