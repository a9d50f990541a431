import type { Outcome, Problem } from "../core/shapes.ts";
import type { ToolCall } from "./bodies.ts";
import { errorIn, isPage, type SaidError } from "./error_bodies.ts";
import { parseEvents } from "./sse.ts";

/**
 * Judges what arrived with 200. It is stricter than Windmill, which takes `{}` for a valid key and an empty stream for an empty
 * answer: here only an answer that a person could use is one.
 */

/** What is wrong with an answer. `refused` leaves the judgement to the diagnosis: it was no 2xx, or never arrived. */
export interface ProtocolProblem {
  kind: Problem;
  /** What was seen, in our words; "" for `refused`. It quotes nothing that the gateway sent. */
  detail: string;
  /** The gateway's error in a 200 or in a frame. Its words, so redact them before they are shown. */
  error?: SaidError;
}

/** What a probe's answer is worth. `tokens`: what the gateway says it used; absent when it does not say. */
export type Verdict = { ok: true; tokens?: number; models?: string[] } | { ok: false; problem: ProtocolProblem };

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const wrong = (kind: Problem, detail: string, error?: SaidError): { ok: false; problem: ProtocolProblem } => ({
  ok: false,
  problem: { kind, detail, ...(error ? { error } : {}) },
});

const REFUSED = wrong("refused", "");

/** No answer of the gateway's to judge: refused, redirected, unreachable or late. A body that broke off is one to judge. */
function isRefused({ status, failure }: Outcome): boolean {
  return status === null || status < 200 || status > 299 || (failure !== undefined && failure.kind !== "aborted");
}

/** The JSON object of a 200, or what stands in its place. */
function readObject(outcome: Outcome): { json: Json } | { ok: false; problem: ProtocolProblem } {
  if (isRefused(outcome)) return REFUSED;
  if (isPage(outcome) || outcome.content_type === "text/html") return wrong("html", "a web page came instead of JSON");
  if (outcome.failure) return wrong("stream-cut", "the body broke off before its end");
  const json = parse(outcome.body);
  if (json === undefined) {
    return wrong(
      "not-json",
      outcome.body.trim() === "" ? "the body is empty" : describe(outcome, "the body is not JSON"),
    );
  }
  const error = errorIn(json);
  if (error) return wrong("error-object-in-200", "an error came with status 200", error);
  if (!isObject(json)) return wrong("not-json", "the body is JSON, but not an object");
  if (Object.keys(json).length === 0) return wrong("empty-object", "the body is {}");
  return { json };
}

function describe(outcome: Outcome, what: string): string {
  return outcome.truncated ? `${what} within its first ${outcome.body.length} characters` : what;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The gateway's own count of a completion's tokens. */
function tokensIn(json: unknown): { tokens?: number } {
  const usage = isObject(json) ? json.usage : undefined;
  const total = isObject(usage) ? usage.total_tokens : undefined;
  return typeof total === "number" && Number.isInteger(total) ? { tokens: total } : {};
}

/** GET /models: a list with at least one id. */
export function judgeModels(outcome: Outcome): Verdict {
  const read = readObject(outcome);
  if (!("json" in read)) return read;
  const { data } = read.json;
  if (!Array.isArray(data))
    return wrong("no-list", "there is no `data` list, so this is not the OpenAI-shaped address");
  if (data.length === 0) return wrong("empty-list", "the list of models is empty");
  const models = data.map((row: unknown) => (isObject(row) ? row.id : undefined));
  if (!models.every((id) => typeof id === "string")) return wrong("no-list", "an entry of `data` has no `id`");
  return { ok: true, models };
}

/** GET /usage: any JSON object that is no error. */
export function judgeUsage(outcome: Outcome): Verdict {
  const read = readObject(outcome);
  return "json" in read ? { ok: true } : read;
}

/** A plain completion with text in it. */
export function judgeCompletion(outcome: Outcome): Verdict {
  const read = readObject(outcome);
  if (!("json" in read)) return read;
  const choice: unknown = Array.isArray(read.json.choices) ? read.json.choices[0] : undefined;
  const message = isObject(choice) ? choice.message : undefined;
  if (!isObject(message)) return wrong("no-choices", "there is no `choices[0].message`");
  const text = contentText(message.content);
  if (text.trim() === "") return wrong("empty-content", "`choices[0].message.content` is empty");
  return { ok: true, ...tokensIn(read.json) };
}

/** Text of a message or delta: a string, or parts as Mistral sends them. */
function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part: unknown) => (isObject(part) && typeof part.text === "string" ? part.text : "")).join("");
}

/** What a sound stream said. */
export interface StreamReply {
  ok: true;
  text: string;
  calls: ToolCall[];
  tokens?: number;
}

/**
 * Reads a stream as the UI's client does, except that an end without `finish_reason` and without `[DONE]` counts as cut: the UI shows
 * such a half answer as a whole one. Text and tool calls may both be missing; the caller knows which it needs.
 */
export function readStream(outcome: Outcome): StreamReply | { ok: false; problem: ProtocolProblem } {
  if (isRefused(outcome)) return REFUSED;
  const events = parseEvents(outcome.body);
  if (outcome.content_type !== "text/event-stream") return notAStream(outcome, events.length > 0);
  const reply: StreamReply = { ok: true, text: "", calls: [] };
  let ended = false;
  for (const { data } of events) {
    if (data.trim() === "[DONE]") {
      ended = true;
      continue;
    }
    const frame = parse(data);
    const error = errorIn(frame);
    if (error) return wrong("error-frame", "the stream carries an error", error);
    // The UI's client gives up at a frame that is not JSON, and at `choices: null`.
    if (!isObject(frame) || frame.choices === null) return wrong("stream-cut", "a frame of the stream is damaged");
    ended = takeFrame(frame, reply) || ended;
  }
  if (outcome.failure) return wrong("stream-cut", "the connection broke off during the stream");
  if (events.length === 0) return wrong("empty-content", "the stream carries no event");
  if (!ended && !outcome.truncated)
    return wrong("stream-cut", "the stream stops without finish_reason and without [DONE]");
  return reply;
}

function notAStream(outcome: Outcome, hasEvents: boolean): { ok: false; problem: ProtocolProblem } {
  if (hasEvents) {
    return wrong(
      "not-a-stream",
      "events came, but not as text/event-stream: Windmill then sends no keepalives, and idle answers are cut",
    );
  }
  const read = readObject(outcome);
  return "json" in read ? wrong("not-a-stream", "one JSON body came instead of a stream") : read;
}

/** Adds one frame to the reply. @returns whether it says that the answer is complete */
function takeFrame(frame: Json, reply: StreamReply): boolean {
  Object.assign(reply, tokensIn(frame));
  const choice: unknown = Array.isArray(frame.choices) ? frame.choices[0] : undefined;
  if (!isObject(choice)) return false;
  const delta = isObject(choice.delta) ? choice.delta : {};
  reply.text += contentText(delta.content);
  for (const part of Array.isArray(delta.tool_calls) ? delta.tool_calls : []) {
    if (isObject(part)) takeCall(part, reply.calls);
  }
  return typeof choice.finish_reason === "string";
}

/** A call begins with the first delta of its index, which is kept as it came; later deltas only add argument text. */
function takeCall(part: Json, calls: ToolCall[]): void {
  const named = isObject(part.function) ? part.function : {};
  const args = typeof named.arguments === "string" ? named.arguments : "";
  const known = calls.find((call) => call.index === part.index);
  if (known) known.function.arguments += args;
  else calls.push({ ...part, function: { ...named, name: String(named.name ?? ""), arguments: args } });
}

/** A streamed answer with text in it. */
export function judgeStream(outcome: Outcome): Verdict {
  const reply = readStream(outcome);
  if (!reply.ok) return reply;
  if (reply.text.trim() === "") return wrong("empty-content", "the stream ends without any text");
  return said(reply);
}

/** A streamed answer that calls the tool `name` with arguments that are a JSON object. */
export function judgeToolCall(outcome: Outcome, name: string): Verdict {
  const reply = readStream(outcome);
  if (!reply.ok) return reply;
  const [call] = reply.calls;
  if (!call) {
    const silent = reply.text.trim() === "";
    return silent
      ? wrong("empty-content", "the stream ends without text and without a tool call")
      : wrong("no-tool-call", "the model answered with text although it was told to call the tool");
  }
  if (reply.calls.some((each) => each.function.name !== name)) {
    return wrong("no-tool-call", "the model called a tool that it was not offered");
  }
  if (!reply.calls.every((each) => isObject(parse(each.function.arguments)))) {
    return wrong("bad-arguments", "the arguments of the tool call are not a JSON object");
  }
  return said(reply);
}

/** A streamed answer that was accepted at all: text or a tool call, whichever the model chose. */
export function judgeAccepted(outcome: Outcome): Verdict {
  const reply = readStream(outcome);
  if (!reply.ok) return reply;
  if (reply.text.trim() === "" && reply.calls.length === 0) {
    return wrong("empty-content", "the stream ends without text and without a tool call");
  }
  return said(reply);
}

function said({ tokens }: StreamReply): Verdict {
  return { ok: true, ...(tokens === undefined ? {} : { tokens }) };
}
