import { probeCandidate, type Tried } from "../check/check.ts";
import { asRecord } from "../core/json.ts";
import type { Finding, Layer } from "../core/shapes.ts";
import type { KnownFact } from "../diagnose/collapse.ts";
import { chosenModels, viewSettings } from "../observe/ai_settings.ts";
import { rowOf } from "../table/table.ts";
import type { Windmill } from "../windmill/windmill.ts";
import type { Live } from "./detour.ts";
import { critical, isOfOwnMaking, isPast } from "./no_worse.ts";
import { inWords } from "./report.ts";
import type { Verification } from "./verify.ts";

/** Trouble that people have already, which is no reason to refuse a change that has nothing to do with it. */

/** What a candidate is compared with. */
export interface Compared {
  /** What people's requests go through now; null where nothing serves them: then everything that stops a candidate counts. */
  live: Live | null;
  /** Whether the candidate was asked for completions, so that people's own models are asked too. */
  asked: boolean;
  /** The last layer in which something is new, so that requests must get past it; null where nothing new is tried. */
  new_up_to: Layer | null;
}

/**
 * Lets a candidate pass that works, or that is stopped only by what stops people already, behind everything that is new.
 *
 * @returns what stands in people's way, before as after.
 * @throws Error when people would be worse off, or nothing shows that what is new works; nothing live has changed then.
 */
export async function requireNoWorse(
  windmill: Windmill,
  { findings }: Pick<Tried, "findings">,
  { live, asked, new_up_to }: Compared,
): Promise<Finding[]> {
  const stopping = critical(findings);
  if (stopping.length === 0) return [];
  if (live === null || (new_up_to !== null && !isPast(findings, new_up_to))) throw wouldNotWork(stopping);
  const { base_url, baseUrl } = asRecord(live.resource.value);
  const view = viewSettings(live.settings);
  const present = await probeCandidate(windmill, live.resource.path, {
    models: asked ? chosenModels(view) : [],
    base_url: String(base_url ?? baseUrl ?? ""),
    max_tokens_per_model: view.max_tokens_per_model,
  });
  const known = new Set(critical(present.findings).map(({ code }) => code));
  const others = stopping.filter(({ code }) => !known.has(code));
  if (others.length > 0) throw wouldNotWork(others);
  return stopping;
}

const wouldNotWork = (stopping: readonly Finding[]): Error =>
  new Error(`Nothing was changed, because the connection would not work:\n${stopping.map(inWords).join("\n")}`);

/**
 * How to look at a connection afterwards: what stood in people's way before may stay, and so may what the run's own requests have
 * brought about, if it does not pass.
 *
 * @param standing what {@link requireNoWorse} let pass.
 * @param facts what the settings said was wrong before.
 */
export function bearing(standing: readonly Finding[], facts: readonly KnownFact[]): Pick<Verification, "may_stay"> {
  const known = new Set([
    ...standing.map(({ code }) => code),
    ...facts.map(({ code }) => code).filter((code) => rowOf(code).severity === "critical"),
  ]);
  return {
    may_stay(findings, when) {
      const others = critical(findings).filter(({ code }) => !known.has(code));
      return others.length === 0 || (when === "in_the_end" && isOfOwnMaking(others));
    },
  };
}

/** What people should know of it. */
export const standingNotes = (standing: readonly Finding[]): string[] =>
  standing.map(
    ({ title }) =>
      `People are refused, before this change as after it, and not for anything that it is about: ${title}.`,
  );
