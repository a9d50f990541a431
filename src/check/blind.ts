import { type CheckReport, REPORT_VERSION } from "../core/report.ts";
import type { Depth } from "../core/shapes.ts";
import { finding } from "../diagnose/wording.ts";

/**
 * The report of a check that could not look: a run that saw nothing is remembered and told like one that saw trouble.
 *
 * @param why what kept it from looking, in words.
 * @param at ISO 8601.
 */
export function blindReport(
  about: { workspace: string; depth: Depth; at: string; took_ms: number },
  why: string,
): CheckReport {
  const found = finding("check-failed", [{ text: why }]);
  const [seen] = found.evidence;
  return {
    version: REPORT_VERSION,
    status: "unknown",
    summary: `It could not be measured what people get. ${found.title}.`,
    workspace: about.workspace,
    checked_at: about.at,
    server_version: "",
    depth: about.depth,
    could_not_look: seen?.excerpt ?? "",
    connection: {
      ...{ settings: "none", resource_path: null, base_url: null, secret_path: null },
      ...{ default_model: null, metadata_model: null, schedule: null },
    },
    findings: [found],
    probes: [],
    models: [],
    features: [],
    timings_ms: { observe: Math.round(about.took_ms), probe: 0, slowest_probe: 0, total: Math.round(about.took_ms) },
    tokens: 0,
  };
}
