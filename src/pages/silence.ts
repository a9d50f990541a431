import { momentOf } from "../health/silence.ts";
import type { HealthState } from "../health/state.ts";
import { html, page, table } from "./html.ts";
import { heading } from "./report.ts";

/** The page of `silence`: what was done, and all that keeps quiet. */

interface Report {
  summary: string;
  acknowledged: { incident: string; by: string; at: string; until: string | null; reason: string } | null;
  maintenance: HealthState["maintenance"];
}

export const renderSilence = ({ summary, acknowledged, maintenance }: Report): string =>
  page(
    html`<h2 style="font-size:18px;font-weight:600">Done</h2>`,
    html`<p>${summary}</p>`,
    acknowledged
      ? [
          heading("Acknowledged"),
          table(
            ["Incident", "By", "Since", "Until", "Reason"],
            [
              [
                acknowledged.incident,
                acknowledged.by,
                momentOf(acknowledged.at),
                acknowledged.until === null ? "it is over" : momentOf(acknowledged.until),
                acknowledged.reason,
              ],
            ],
          ),
        ]
      : null,
    maintenance.length > 0
      ? [
          heading("Maintenance"),
          table(
            ["Id", "From", "To", "Again", "By", "Reason"],
            maintenance.map(({ id, from, until, again, by, reason }) => [
              id,
              momentOf(from),
              momentOf(until),
              again === null ? "" : `${again.cron} (${again.timezone}), ${again.minutes} min`,
              by,
              reason,
            ]),
          ),
        ]
      : null,
  );
