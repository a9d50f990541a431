import type { Finding, Layer, Probe, ProbeKind } from "../core/shapes.ts";

/** What people get where the status is `down`, in one sentence that fits the cause. Pure. */

/** What stops everybody, by where on the way it is. Where nothing is said, people are refused. */
const BY_LAYER: Readonly<Partial<Record<Layer, string>>> = {
  "workspace-settings": "People cannot use it: the AI settings do not lead to the gateway.",
  "name-resolution": "People get no answer: the gateway is not reached.",
  connection: "People get no answer: the gateway is not reached.",
  tls: "People get no answer: no secure connection to the gateway comes about.",
  redirect: "People get no answer: the gateway sends their requests elsewhere.",
  protocol: "People get no answer that Windmill can read.",
  latency: "People get no answer in time.",
};

/** What the chat does although the model answers plain questions, by the diagnosis. */
const BY_CODE: Readonly<Record<string, string>> = {
  "tools-ignored": "The chat answers people with words, but cannot use tools: it reads and writes nothing for them.",
  "tool-arguments-broken": "The chat answers people, but its tool calls arrive damaged: it goes round in circles.",
};

/** The same by what failed: each turn of the chat carries tools and is streamed. */
const BY_KIND: Readonly<Partial<Record<ProbeKind, string>>> = {
  tools: "Plain questions are answered, but people's chat fails: each of its turns carries tools.",
  stream: "Plain questions are answered, but people's chat shows nothing: its answers are streamed.",
  metadata: "The chat answers people, but names and summaries fail.",
};

/** A user's way: over the server route, with what the settings name. */
const asUsersDo = ({ route, candidate }: Probe): boolean => route === "server" && !candidate;

/**
 * What people get.
 *
 * @param findings of a check whose status is `down`, the most severe first.
 */
export function whatPeopleGet(findings: readonly Finding[], probes: readonly Probe[]): string {
  const asked = probes.filter(asUsersDo);
  const cause = findings.find(({ severity }) => severity === "critical");
  const broken = asked.find(({ id, ok }) => !ok && cause?.probes.includes(id));
  const answers =
    broken !== undefined && asked.some(({ kind, ok, model }) => kind === "chat" && ok && model === broken.model);
  if (broken && answers) {
    const words = BY_CODE[cause?.code ?? ""] ?? BY_KIND[broken.kind];
    if (words !== undefined) return words;
  }
  return BY_LAYER[cause?.layer ?? "unrecognised"] ?? "People are refused.";
}
