import { type ChangeReport, type CheckReport, REPORT_VERSION } from "../core/report.ts";
import type { Finding } from "../core/shapes.ts";
import { copyPath } from "../core/temporary.ts";
import { readAiSettings } from "../windmill/settings.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { withDetour } from "./detour.ts";
import { shown, viewChange } from "./handlers.ts";
import { keysAtRisk, keysLost } from "./kept_settings.ts";
import { allChanges, type Plan, planId } from "./plan.ts";

/** What a command that changes something tells people. */

/** A finding for a red error box, which renders no HTML: cause first, then what to do. */
export const inWords = (finding: Finding): string =>
  [
    `- ${finding.title}. ${finding.cause}`,
    ...finding.remedy.map((step, index) => `  ${index + 1}. ${step.replaceAll("\n", "\n     ")}`),
  ].join("\n");

/** The parts of a change report that differ from command to command. */
export interface Outcome {
  command: string;
  mode: "plan" | "apply";
  plan: Plan;
  /** Whether the plan may be held on to by its id. */
  has_id: boolean;
  notes: readonly string[];
  /** What was checked afterwards; null for a plan, or where nothing is left to check. */
  verified: CheckReport | null;
  /** Beside those of the check. */
  findings: readonly Finding[];
}

/** What people should know of a change that takes a detour. */
function detourNote({ changes, live }: Plan): string[] {
  if (live === null || withDetour(changes, live).length === changes.length) return [];
  return [
    `Several of these changes are live, so people are moved to a temporary copy (${copyPath(live.resource.path)}) while they are made, and back in the end: nobody meets a mix of old and new.`,
  ];
}

/** Keys of the settings that this server may not keep, or did not: it drops those that it does not know. */
async function droppedNote(windmill: Windmill, { mode, plan }: Outcome): Promise<string[]> {
  const saved = plan.changes.find((change) => change.kind === "save-ai-settings");
  const risk = saved ? keysAtRisk(saved.after) : [];
  if (saved === undefined || risk.length === 0) return [];
  if (mode === "plan") {
    return [
      `The AI settings hold ${risk.join(", ")}, which a newer version of Windmill has written. A server that does not know such a key drops it when the settings are saved, whoever saves them. Nothing is known to be lost yet; the run that applies this says what was.`,
    ];
  }
  const lost = keysLost(await readAiSettings(windmill), saved.after);
  if (lost.length === 0) return [];
  return [
    `This server does not know these AI settings and dropped them when the settings were saved: ${lost.join(", ")}. They were written by a newer version of Windmill.`,
  ];
}

/** Composes the report of a command that changes something. */
export async function changeReport(windmill: Windmill, outcome: Outcome): Promise<ChangeReport> {
  const { verified, mode, has_id, plan } = outcome;
  const changes = shown(allChanges(plan));
  const found = verified?.findings ?? [];
  const more = outcome.findings.filter(({ code }) => !found.some((one) => one.code === code));
  const count = `${changes.length} change${changes.length === 1 ? "" : "s"}`;
  const did =
    changes.length === 0
      ? "Everything is as it should be already."
      : mode === "plan"
        ? `${count}. Run it again with mode "apply" to make them.`
        : `${count} made.`;
  return {
    version: REPORT_VERSION,
    command: outcome.command,
    mode,
    status: verified?.status ?? null,
    applied: mode === "apply",
    summary: [did, verified?.summary].filter(Boolean).join(" "),
    plan_id: mode === "plan" && has_id ? await planId(plan) : "",
    workspace: windmill.workspace,
    changes: changes.map(viewChange),
    notes: [
      ...outcome.notes,
      ...(verified?.proof ? [verified.proof] : []),
      ...detourNote(plan),
      ...(await droppedNote(windmill, outcome)),
    ],
    findings: [...found, ...more],
    probes: verified?.probes ?? [],
    models: verified?.models ?? [],
  };
}
