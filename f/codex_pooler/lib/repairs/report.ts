import "eventsource-parser@3.1.1";
import "windmill-client@1.818.0";
import "zod@4.6.7";
import { PROVIDER } from "../ai_settings.ts";
import { asRecord } from "../json.ts";
import type { Mending } from "../repairs.ts";
import type { ChangeReport } from "../report.ts";
import type { Finding } from "../shapes.ts";
import type { Scene } from "./draft.ts";

/** What a repair tells beside its changes. */

/** The findings that no repair mends: each names its owner and its remedy. */
export function leftToPeople(findings: readonly Finding[], { done }: Mending): Finding[] {
  const mended = new Set(done.flatMap(({ codes }) => codes));
  return findings.filter(({ code }) => !mended.has(code));
}

/** One line. */
export function summaryOf(
  { mode, changes, status }: Pick<ChangeReport, "mode" | "changes" | "status">,
  left: number,
  recorded: boolean,
): string {
  const others = left === 0 ? "" : `${left} finding${left === 1 ? " is" : "s are"} left to people: see below.`;
  const count = `${changes.length} change${changes.length === 1 ? "" : "s"}`;
  if (changes.length === 0) {
    const nothing =
      recorded && mode === "apply"
        ? "The present state counts as what is wanted from now on."
        : left === 0
          ? "Nothing is to be repaired."
          : "There is nothing that a script can repair.";
    return [nothing, others].filter(Boolean).join(" ");
  }
  if (mode === "plan")
    return [`${count} would repair it. Run it again with mode "apply" to make them.`, others].filter(Boolean).join(" ");
  const works = status === "down" ? "People are still refused, for a reason that only a person can mend." : "";
  return [`${count} made.`, works, others && status !== "healthy" ? others : ""].filter(Boolean).join(" ");
}

/** What a repair leaves alone, as far as it is there. */
export function untouched({ observation }: Scene): string[] {
  const { own, view } = observation.settings;
  const others = view.providers.filter((name) => name !== PROVIDER);
  const limits = Object.keys(view.max_tokens_per_model).filter((key) => !key.startsWith(`${PROVIDER}:`));
  const kept = [
    others.length > 0 ? `the providers ${others.join(", ")}` : "other providers",
    Object.keys(asRecord(own?.custom_prompts)).length > 0 ? "the custom prompts" : "prompts",
    limits.length > 0 ? `the token limits of ${limits.slice(0, 10).join(", ")}` : "token limits of other providers",
    "keys that are stored",
    "the instance's settings",
    "schedules of others",
  ];
  return [`Not touched: ${kept.join("; ")}.`];
}
