import type { Outcome, ProbeKind } from "../shapes.ts";
import { asJson, errorIn, isPage } from "./bodies.ts";
import type { Problem } from "./row.ts";

/** What is wrong with a 200 that nobody has judged yet: recordings, pasted exchanges, the models list. */

/** Probes that ask for `stream: true`. */
const STREAMED: ReadonlySet<ProbeKind | null> = new Set<ProbeKind>(["stream", "tools", "strict-tools", "agent"]);

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The first fault of a successful answer, or null when it is sound. */
export function problemOf(outcome: Outcome, kind: ProbeKind | null, json: unknown): Problem | null {
  if (outcome.status === null || outcome.status < 200 || outcome.status > 299) return null;
  if (outcome.failure) return "stream-cut";
  if (isPage(outcome) || outcome.content_type === "text/html") return "html";
  if (outcome.content_type === "text/event-stream" || /^(?:data|event|id|retry)?:/.test(outcome.body)) {
    return streamProblem(outcome.body);
  }
  if (json === undefined) return outcome.truncated && /^[[{]/.test(outcome.body.trim()) ? null : "not-json";
  if (errorIn(json)) return "error-object-in-200";
  if (!isObject(json) || Object.keys(json).length === 0) return "empty-object";
  if (kind === "usage") return null;
  if (kind === "models") return listProblem(json);
  const problem = completionProblem(json);
  return problem === null && STREAMED.has(kind) ? "not-a-stream" : problem;
}

function listProblem(json: Json): Problem | null {
  if (!Array.isArray(json["data"])) return "no-list";
  if (json["data"].length === 0) return "empty-list";
  return json["data"].every((item) => isObject(item) && typeof item["id"] === "string") ? null : "no-list";
}

const firstChoice = (json: unknown): Json | null =>
  isObject(json) && Array.isArray(json["choices"]) && isObject(json["choices"][0]) ? json["choices"][0] : null;

function completionProblem(json: Json): Problem | null {
  const message = firstChoice(json)?.["message"];
  if (!isObject(message)) return "no-choices";
  return saysSomething(message) ? null : "empty-content";
}

/** Whether a message or delta has text (a string, or parts as Mistral sends them) or a tool call. */
function saysSomething(message: Json): boolean {
  const { content, tool_calls: calls } = message;
  if (typeof content === "string" ? content.trim() !== "" : Array.isArray(content) && content.length > 0) return true;
  return Array.isArray(calls) && calls.length > 0;
}

function streamProblem(body: string): Problem | null {
  let said = false;
  let ended = false;
  for (const line of body.split(/\r\n|\r|\n/)) {
    if (!line.startsWith("data:")) continue;
    const data = line.slice("data:".length).trim();
    if (data === "[DONE]") ended = true;
    const frame = asJson(data);
    if (frame !== undefined && errorIn(frame)) return "error-frame";
    const choice = firstChoice(frame);
    if (choice === null) continue;
    if (typeof choice["finish_reason"] === "string") ended = true;
    if (isObject(choice["delta"]) && saysSomething(choice["delta"])) said = true;
  }
  if (!said) return "empty-content";
  return ended ? null : "stream-cut";
}
