import { excerpt } from "../core/redact.ts";
import type { Status } from "../core/shapes.ts";
import { COLOURS, OWNERS } from "../core/words.ts";
import type { FleetReport } from "../fleet/fleet.ts";
import { dotted, html, page, table } from "./html.ts";

/** The page of a fleet: one table, worst first. */

const SHOWN: Record<Status, { colour: string; words: string }> = {
  healthy: { colour: COLOURS.good, words: "healthy" },
  degraded: { colour: COLOURS.warn, words: "degraded" },
  down: { colour: COLOURS.bad, words: "down" },
  unknown: { colour: COLOURS.none, words: "unknown" },
};

/** Whose AI settings serve a workspace. */
const SETTINGS = { workspace: "its own", instance: "the instance's", none: "none" } as const;

/** Lines of the table and characters of a finding in it: Windmill shows no result beyond about 90 kB, and escaped signs are long. */
const ROWS = 45;
const FINDING = 160;

/** Renders a fleet. */
export const renderFleet = ({ summary, rows, omitted, checked_at }: FleetReport): string =>
  page(
    html`<p style="font-weight:600">${summary}</p>`,
    table(
      ["Workspace", "Status", "AI settings", "First finding", "To be done by"],
      rows
        .slice(0, ROWS)
        .map(({ workspace, status, settings, finding, owner, findings, run_url }) => [
          run_url ? html`<a href="${run_url}">${workspace}</a>` : workspace,
          dotted(SHOWN[status].colour, SHOWN[status].words),
          settings === null ? "" : SETTINGS[settings],
          `${excerpt(finding ?? "", { limit: FINDING })}${findings > 1 ? ` (and ${findings - 1} more)` : ""}`,
          owner ? OWNERS[owner] : "",
        ]),
    ),
    rows.length > ROWS
      ? html`<p>and ${rows.length + omitted - ROWS} more, none in a worse state. Each is an iteration of this run.</p>`
      : null,
    html`<p style="opacity:.7">Checked ${checked_at}.</p>`,
  );
