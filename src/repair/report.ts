import { showableAddress } from "../core/address.ts";
import { asRecord } from "../core/json.ts";
import type { ChangeReport } from "../core/report.ts";
import type { Finding } from "../core/shapes.ts";
import { factsOf } from "../diagnose/facts.ts";
import { whatPeopleGet } from "../diagnose/people.ts";
import { PROVIDER } from "../observe/ai_settings.ts";
import { type Drift, driftOf } from "../observe/drift.ts";
import { drafted, type Scene } from "./draft.ts";
import type { Mending } from "./repairs.ts";

/** What a repair tells beside its changes. */

/** The findings that no repair mends: each names its owner and its remedy. */
export function leftToPeople(scene: Scene, { done, draft }: Mending): Finding[] {
  const workspace = drafted(scene, draft);
  const facts = factsOf(workspace, scene.served, driftOf(workspace, scene.served));
  const after = new Set(facts.map(({ code }) => code));
  const mended = new Set(done.flatMap(({ codes }) => codes));
  if (scene.input.accept_drift) mended.add("settings-drift");
  return scene.findings.filter(({ code }) => !mended.has(code) && !(scene.facts.has(code) && !after.has(code)));
}

/** One line. */
export function summaryOf(
  {
    mode,
    changes,
    status,
    findings,
    probes,
  }: Pick<ChangeReport, "mode" | "changes" | "status" | "findings" | "probes">,
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
    return [`${count} would repair it. Run it again with mode "apply" to repair it.`, others].filter(Boolean).join(" ");
  const works = status === "down" ? `${whatPeopleGet(findings, probes)} Only a person can mend the reason.` : "";
  return [`${count} made.`, works, others && status !== "healthy" ? others : ""].filter(Boolean).join(" ");
}

/** Where the workspace differs from what was asked for, one by one: a person may want to keep some of it. */
export function driftNotes({ input, codes }: Scene, drift: readonly Drift[]): string[] {
  const what = input.accept_drift ? "Accepted as it is" : "Differs from what was asked for";
  const untold = drift.filter(({ said_by }) => !said_by.some((code) => codes.has(code)));
  return untold.map(({ says }) => `${what}: ${says}.`);
}

/** What a plan cannot know before it is applied. */
export function openNotes({ base_url, served }: Scene, base_urls: readonly string[]): string[] {
  if (base_url === null) return [];
  const others = base_urls.slice(1).map(showableAddress);
  return [
    `${showableAddress(base_url)} is tried beside the live connection before anybody gets it${others.length > 0 ? `; where it does not answer as a gateway, the next is ${others.join(", then ")}` : ""}.`,
    ...(served === null
      ? [
          "The gateway's model list is not known yet: the models are looked at when this is applied without plan_id, or by the next run.",
        ]
      : []),
  ];
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
