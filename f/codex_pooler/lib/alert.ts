import "zod@4.6.7";
import type { Transition } from "./health_state.ts";
import type { Finding, Status } from "./shapes.ts";

/** An alert as people and machines read it. Nothing in it is secret: findings are redacted where they are made. */
export interface Alert {
  status: Status;
  previous: Status | null;
  /** ISO 8601. */
  since: string;
  workspace: string;
  /** Where the run that found it can be seen; "" when it is not known. */
  run_url: string;
  findings: { code: string; title: string; owner: string; remedy: string[] }[];
  text: string;
}

const HEADLINES: Record<Status, string> = {
  healthy: "works again",
  degraded: "works, with a problem",
  down: "does not work",
  unknown: "could not be checked",
};

/** Findings in one alert; the run shows all of them. */
const SHOWN = 3;

/** Composes the alert for a transition. */
export function composeAlert(
  transition: Transition,
  findings: readonly Finding[],
  place: { workspace: string; run_url: string },
): Alert {
  const lines = [`Windmill AI in ${place.workspace} ${HEADLINES[transition.to]} (since ${transition.since}).`];
  if (transition.to !== "healthy") {
    for (const finding of findings.slice(0, SHOWN)) {
      lines.push(`- ${finding.title}`, ...finding.remedy.slice(0, 1).map((step) => `  Do: ${step}`));
    }
    if (findings.length > SHOWN) lines.push(`- and ${findings.length - SHOWN} more`);
  }
  if (place.run_url) lines.push(place.run_url);
  return {
    status: transition.to,
    previous: transition.from,
    since: transition.since,
    ...place,
    findings: findings.map(({ code, title, owner, remedy }) => ({ code, title, owner, remedy })),
    text: lines.join("\n"),
  };
}
