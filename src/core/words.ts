import type { Owner, Status } from "./shapes.ts";

/** The words and colours that pages, alerts and the dashboard share. */

/** Colours that keep a contrast of at least 3:1 on white and on Windmill's dark background. */
export const COLOURS = { good: "#16a34a", warn: "#d97706", bad: "#dc2626", none: "#8a8f98" } as const;

/** A status as people read it. */
export const STATUS: Record<Status, { colour: string; words: string }> = {
  healthy: { colour: COLOURS.good, words: "Windmill AI works" },
  degraded: { colour: COLOURS.warn, words: "Windmill AI works, with a problem" },
  down: { colour: COLOURS.bad, words: "Windmill AI does not work" },
  unknown: { colour: COLOURS.none, words: "Windmill AI could not be checked" },
};

/** The same where the default model is another provider's: then only the gateway's own models are spoken of. */
const GATEWAY: Record<Status, string> = {
  healthy: "The gateway's models work",
  degraded: "The gateway's models have a problem",
  down: "Windmill AI does not work",
  unknown: "The gateway's models could not be checked",
};

/**
 * A status as a sentence.
 *
 * @param elsewhere the default model where it is another provider's, which goes another way and was not checked.
 */
export const statusWords = (status: Status, elsewhere?: string | null): string =>
  elsewhere ? GATEWAY[status] : STATUS[status].words;

/** Beside a status that is not `healthy`: what goes on all the same. */
export const spares = (status: Status, elsewhere?: string | null): string =>
  elsewhere && status !== "healthy" && status !== "down"
    ? `The default model, ${elsewhere}, does not go through the gateway and was not checked.`
    : "";

/** Owners as people call them. */
export const OWNERS: Record<Owner, string> = {
  "workspace-admin": "a workspace admin",
  "windmill-operator": "the operator of Windmill",
  "gateway-operator": "the operator of the gateway",
  wait: "nobody",
};

/** What an error says. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
