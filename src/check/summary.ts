import type { Depth, Finding, Status } from "../core/shapes.ts";

/** What a check found, in one line. Pure. */

const HEALTHY: Record<Depth, string> = {
  free: "The gateway answers over both routes. No model was asked, as depth free costs no tokens.",
  chat: "Every configured model answers over both routes.",
  features: "Every configured model answers over both routes, and what Windmill's features send was tried.",
};

const SUMMARY: Record<Exclude<Status, "healthy">, string> = {
  degraded: "People are served, but something needs a look.",
  down: "People are refused.",
  unknown: "It could not be measured what people get.",
};

/**
 * One line: the status and its first cause.
 *
 * @param notAsked how many requests there was no time for. @param elsewhere the default model where it is another provider's.
 */
export function summarise(
  status: Status,
  depth: Depth,
  findings: readonly Finding[],
  { notAsked, elsewhere }: { notAsked: number; elsewhere: string | null },
): string {
  if (status === "healthy" && notAsked > 0)
    return `What was asked answers; there was no time left for ${notAsked} of the requests of depth ${depth}.`;
  if (status === "healthy") return HEALTHY[depth];
  const [first, ...more] = findings.filter(({ severity }) => severity !== "info");
  const people =
    status === "degraded" && elsewhere !== null
      ? `The default model, ${elsewhere}, does not go through the gateway and was not checked; its own models have a problem.`
      : SUMMARY[status];
  return `${people} ${first ? `${first.title}${more.length > 0 ? `, and ${more.length} more` : ""}.` : ""}`.trim();
}
