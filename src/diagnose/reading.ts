import type { Outcome, ProbeKind, Problem, Route } from "../core/shapes.ts";
import { asJson, errorIn, isPage, pageText, type SaidError } from "../probe/error_bodies.ts";
import {
  judgeAccepted,
  judgeCompletion,
  judgeModels,
  judgeStream,
  judgeUsage,
  type Verdict,
} from "../probe/replies.ts";
import { statusIn } from "../probe/said_status.ts";
import { layersOf } from "../probe/wrapped_errors.ts";
import { type Saying, sayingOf } from "./saying.ts";

/** One answer with its circumstances, as the table judges it. */
export interface Signal {
  outcome: Outcome;
  /** Null when nobody knows, as with a pasted text. */
  route: Route | null;
  kind: ProbeKind | null;
  model: string | null;
  /** What is wrong with a 200, when a feature probe has said so; else it is derived from the body. */
  problem?: { kind: Problem };
  /** The gateway's own HTTP status, where it is known although Windmill hides it. */
  gateway_status?: number;
}

/** What survives Windmill's proxy, taken apart. Texts are cut to {@link READ_LIMIT}; absent ones are "". */
export interface Reading {
  status: number | null;
  route: Route | null;
  kind: ProbeKind | null;
  failure: "timeout" | "network" | "aborted" | null;
  /** Windmill's own words, or "" when somebody else speaks. */
  windmill: string;
  /** Why Windmill could not reach the gateway, or "". */
  transport: string;
  /** The error's parts, innermost first: what the provider said, then what the gateway made of it. One at least. */
  parts: readonly Part[];
  /** What the innermost words are about. */
  saying: Saying;
  page: boolean;
  front: boolean;
  problem: Problem | null;
  location: string;
  empty: boolean;
}

/** One speaker's part of an error. Lower case but for the text. */
export interface Part {
  code: string;
  /** A second code for programs, beside `code`. */
  reason: string;
  type: string;
  text: string;
  said: number | null;
  /** Whether the provider behind the gateway says it. */
  upstream: boolean;
}

/** Characters of a message that patterns are tried on: keeps every pattern's cost small whatever a gateway sends. */
const READ_LIMIT = 4_000;

/** Release-specific ends of Windmill's errors: ` @ai.rs:734:48`, ` (variables.rs:1301)`. */
const SOURCE_SUFFIX = /\s*(?:@[\w./-]{1,80}\.rs:\d+(?::\d+)?|\([\w./-]{1,80}\.rs:\d+(?::\d+)?\))\s*$/;

/** How Windmill's own error texts begin (backend/windmill-common/src/error.rs, axum's extractors, the token check). */
const WINDMILL_WORDS =
  /^(?:Bad request: |Internal: |Error: |Not found: |Not authorized: |Permission denied: |SqlErr: |Bad gateway: |Quota exceeded: |Unauthorized$|Require Admin privileges|Failed to deserialize the JSON body|Failed to parse the request body as JSON|Failed to call API: |Agent worker does not support|Tool not found: |Image response not supported|Execution error: |ExecutionErr: )/;

/** What reqwest, the HTTP client in Windmill, says when a request did not get through. */
const TRANSPORT =
  /^(?:Error: |Internal: |Failed to call API: |ExecutionErr: |Execution error: ){1,3}((?:error sending request|error decoding response body|error following redirect|request or response body error|error reading a body|connection error|builder error)[\s\S]*)/;
const SENT_URL = /^error sending request(?: for url \(\S{0,2000}?\))?:?\s*/;

/** An AI agent step's failure: the one place where the gateway's status survives. */
const AGENT_ERROR =
  /API error calling \S{1,2000}: HTTP status (?:client|server) error \((\d{3})[^)]{0,80}\)(?: for url \(\S{0,2000}\))?\s*-\s*([\s\S]*)/;

/** Takes an answer apart. Linear in the body's length. */
export function read(signal: Signal): Reading {
  const agent = AGENT_ERROR.exec(signal.outcome.body.slice(0, 2 * READ_LIMIT));
  const outcome = agent ? { ...signal.outcome, status: null, body: agent[2] ?? "", content_type: "" } : signal.outcome;
  const route = signal.route ?? (agent ? "worker" : null);
  const json = asJson(outcome.body);
  const page = json === undefined && isPage(outcome);
  const plain = json === undefined && !page ? outcome.body.slice(0, READ_LIMIT).replace(SOURCE_SUFFIX, "").trim() : "";
  const windmill = WINDMILL_WORDS.test(plain) && !isAnswered(outcome) ? plain : "";
  const transport = TRANSPORT.exec(windmill)?.[1];
  // Windmill passes a gateway's errors on as 400, so anything else that is neither its own words nor JSON is not from there.
  const front =
    outcome.status !== null && outcome.status > 400 && windmill === "" && json === undefined && !outcome.failure;
  const known = signal.gateway_status ?? (agent ? Number(agent[1]) : null);
  const parts = partsOf(
    readError(outcome, json, page, plain),
    (error) => known ?? (front ? null : saidStatus(outcome, error)),
  );
  return {
    status: outcome.status,
    route,
    kind: signal.kind,
    failure: outcome.failure?.kind ?? null,
    windmill,
    transport: transport === undefined ? "" : transport.replace(SENT_URL, "") || "no reason given",
    parts,
    saying: sayingOf(parts[0]?.text ?? ""),
    page,
    front,
    problem:
      signal.problem && signal.problem.kind !== "refused" ? signal.problem.kind : problemOf(outcome, signal.kind),
    location: outcome.location ?? "",
    empty: outcome.body.trim() === "",
  };
}

const isAnswered = ({ status }: Outcome): boolean => status !== null && status >= 200 && status < 300;

const NOTHING: SaidError = { code: "", type: "", reason: "", message: "", said: null, raw: "", provider: "" };

function readError(outcome: Outcome, json: unknown, page: boolean, plain: string): SaidError {
  if (page) return { ...NOTHING, message: pageText(outcome.body) };
  if (json !== undefined) return errorIn(json) ?? NOTHING;
  const framed = frameError(outcome.body);
  if (framed) return framed;
  return isAnswered(outcome) ? NOTHING : { ...NOTHING, message: plain };
}

const brief = (text: string): string => text.toLowerCase().slice(0, READ_LIMIT);

function partsOf(error: SaidError, saidIn: (error: SaidError) => number | null): Part[] {
  return layersOf(error).map((layer, index) => ({
    code: brief(layer.code),
    reason: brief(layer.reason),
    type: brief(layer.type),
    // Words that only introduce another's are none: what was introduced may say that it is something else.
    text: index > 0 && sayingOf(layer.message).silent ? "" : layer.message.slice(0, READ_LIMIT),
    said: saidIn(layer),
    upstream: layer.upstream,
  }));
}

/** Frames that are looked at for an error: a sound stream has none, a broken one ends with it. */
const ERROR_FRAMES = 50;

/** The error in a stream's frames, if any. */
function frameError(body: string): SaidError | null {
  const suspects = body.split("\n").filter((line) => line.startsWith("data:") && line.includes("error"));
  for (const line of suspects.slice(-ERROR_FRAMES)) {
    const error = errorIn(asJson(line.slice("data:".length)));
    if (error) return error;
  }
  return null;
}

function saidStatus(outcome: Outcome, error: SaidError): number | null {
  const visible = outcome.status !== null && outcome.status > 400 ? outcome.status : null;
  return visible ?? error.said ?? statusIn(error.message);
}

/** Who judges an answer that no feature probe has judged: recordings and pasted exchanges. Tool probes judge for themselves. */
const JUDGES: Readonly<Partial<Record<ProbeKind, (outcome: Outcome) => Verdict>>> = {
  models: judgeModels,
  usage: judgeUsage,
  stream: judgeStream,
  tools: judgeAccepted,
  "strict-tools": judgeAccepted,
  agent: judgeAccepted,
};

/** What is wrong with a 200, or null when it is sound or no 200. */
function problemOf(outcome: Outcome, kind: ProbeKind | null): Problem | null {
  if (!isAnswered(outcome)) return null;
  const streamed = outcome.content_type === "text/event-stream" && (kind === null || kind === "chat");
  const judge = streamed ? judgeAccepted : ((kind && JUDGES[kind]) ?? judgeCompletion);
  const verdict = judge(outcome);
  return verdict.ok || verdict.problem.kind === "refused" ? null : verdict.problem.kind;
}
