import { formLink, type Pages } from "../core/links.ts";
import { excerpt } from "../core/redact.ts";
import type { ModelRow } from "../core/shapes.ts";
import { isMaintained } from "./silence.ts";
import { type HealthState, LIMITS, type Notice } from "./state.ts";

/** What is told once and is no trouble: models that are new, and what the health flow has mended. Pure. */

/** Milliseconds for which a notice that nobody took is tried again: after that it is read on the page. */
const FRESH_MS = 86_400_000;
/** Ids that a notice names. */
const NAMED = 8;
const ID_LIMIT = 120;

/** The state with a notice; one that is there already stays as it is. */
export const withNotice = (state: HealthState, notice: Notice): HealthState =>
  state.notices.some(({ id }) => id === notice.id)
    ? state
    : { ...state, notices: [notice, ...state.notices].slice(0, LIMITS.notices) };

/** What is still to be told, the oldest first; nothing while nobody wants to be told. @param now milliseconds since 1970. */
export const dueNotices = (state: HealthState, now: number): Notice[] =>
  (isMaintained(state, new Date(now).toISOString()) ? [] : state.notices).filter(({ told, at }) => !told && Math.abs(now - Date.parse(at)) < FRESH_MS).reverse();

/** The state after somebody has tried to tell a notice. @param arrived whether it may have arrived: it is told once. */
export const afterNotice = (state: HealthState, id: string, arrived: boolean): HealthState => ({
  ...state,
  claim: null,
  notices: state.notices.map((one) => (one.id === id && arrived ? { ...one, told: true } : one)),
});

/**
 * That the gateway serves models which it did not, with a link that enables them.
 *
 * @param tell whether anybody is to be told; else it stands on the page only.
 */
export function newModels(
  fresh: readonly string[],
  models: readonly ModelRow[],
  at: string,
  tell: boolean,
  pages: Pages,
): Notice | null {
  const enabled = models.filter(({ configured }) => configured).map(({ id }) => id);
  // Who enabled a model before it was listed knows of it.
  const unknown = fresh.filter((id) => !enabled.some((one) => one.toLowerCase() === id.toLowerCase()));
  if (unknown.length === 0) return null;
  const named = unknown.slice(0, NAMED).map((id) => excerpt(id, { limit: ID_LIMIT }));
  const more = unknown.length > NAMED ? ` and ${unknown.length - NAMED} more` : "";
  const url = formLink(pages, "connect", { models: [...enabled, ...unknown.slice(0, NAMED)] });
  return {
    id: `new-models ${at}`,
    at,
    kind: "new-models",
    title: `The gateway now serves ${named.join(", ")}${more}`,
    lines: ["Nobody can choose them in Windmill AI until an admin enables them."],
    link: url === null ? null : { label: `Plan to enable ${unknown.length === 1 ? "it" : "them"}`, url },
    told: !tell,
  };
}
