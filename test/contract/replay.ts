import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { archiveEntries, normalise } from "./normalise.ts";

/** One recorded request and what a real Windmill server made of it. See test/recordings/README.md. */
export interface Exchange {
  name?: string;
  /** The CLI command that sent it, in cli.json. */
  step?: string;
  /** Whether the process that answered allowed private AI base URLs. */
  server?: "guarded" | "private-urls-allowed";
  request: { method: string; path: string; headers: Record<string, string>; body?: unknown };
  response: Answer | { failure: string };
}

/** An answer. A header that is null must be absent; JSON is a value, a zip archive its entries, anything else text. */
export interface Answer {
  status: number;
  headers: Record<string, string | null>;
  body: unknown;
}

/** What the recordings are replayed against. */
export interface Replay {
  /** Origin of the process that gets the exchange. */
  origin(exchange: Exchange): string;
  /** What the recordings' placeholders and fixed addresses stand for here. Replaced in requests and in recorded answers. */
  substitutions: Record<string, string>;
  /** Makes the state that the exchange met and that no recorded request brought about. */
  prepare?(exchange: Exchange, index: number): void | Promise<void>;
  /** Names of exchanges whose body is sent as it stands instead of as JSON. */
  raw?: readonly string[];
  /** A last change of both sides, for answers of which only a part counts. */
  adapt?(exchange: Exchange, answer: Exchange["response"]): unknown;
}

/** What the client that made the recordings did with a gateway that does not answer: it gave up after a second. */
const PATIENCE_MS = 1_000;

/** All exchanges of a recording file, in the order in which they were made. */
export function loadRecording(file: string): Exchange[] {
  return JSON.parse(readFileSync(new URL(`../recordings/${file}`, import.meta.url), "utf8")) as Exchange[];
}

/**
 * Replays a recording in order and prints how many exchanges came out the same.
 * @throws AssertionError with the differences of every exchange that did not
 */
export async function replay(file: string, exchanges: readonly Exchange[], target: Replay): Promise<void> {
  const learned = new Map(Object.entries(target.substitutions));
  const failures: string[] = [];
  for (const [index, exchange] of exchanges.entries()) {
    await target.prepare?.(exchange, index);
    const live = await send(exchange, target, learned);
    learnId(exchange.response, live, learned);
    const adapt = (answer: Exchange["response"]) => normalise(target.adapt ? target.adapt(exchange, answer) : answer);
    try {
      assert.deepEqual(adapt(live), adapt(substituted(recorded(exchange.response), learned)));
    } catch (error) {
      failures.push(`#${index} ${exchange.name ?? exchange.step}: ${(error as Error).message}`);
    }
  }
  console.log(`${file}: ${exchanges.length - failures.length} of ${exchanges.length} exchanges`);
  assert.equal(failures.length, 0, failures.join("\n\n"));
}

async function send(exchange: Exchange, target: Replay, learned: Map<string, string>): Promise<Exchange["response"]> {
  const { method, path, headers, body } = substituted(exchange.request, learned);
  const isRaw = target.raw?.includes(exchange.name ?? "") ?? false;
  const sent = body === undefined ? undefined : isRaw ? String(body) : JSON.stringify(body);
  try {
    const response = await fetch(`${target.origin(exchange)}${path}`, {
      method,
      headers: { ...headers, ...(sent === undefined ? {} : { "content-type": "application/json" }) },
      redirect: "manual",
      ...(sent === undefined ? {} : { body: sent }),
      ...("failure" in exchange.response ? { signal: AbortSignal.timeout(PATIENCE_MS) } : {}),
    });
    return await read(response, exchange.response);
  } catch (error) {
    const { name, message } = error as Error;
    return { failure: `${name}: ${message}` };
  }
}

/** Reads an answer with those of its headers that the recording has. */
async function read(response: Response, like: Exchange["response"]): Promise<Answer> {
  const names = "headers" in like ? Object.keys(like.headers) : [];
  const headers = Object.fromEntries(names.map((name) => [name, response.headers.get(name)]));
  const bytes = Buffer.from(await response.arrayBuffer());
  const type = response.headers.get("content-type") ?? "";
  const { status } = response;
  if (type === "application/x-tar") return { status, headers, body: archiveEntries(bytes.toString("base64")) };
  const text = bytes.toString("utf8");
  return { status, headers, body: /^application\/json\b/.test(type) ? JSON.parse(text) : text };
}

function recorded(response: Exchange["response"]): Exchange["response"] {
  if (!("body" in response) || typeof response.body !== "object" || response.body === null) return response;
  const { base64 } = response.body as { base64?: string };
  return base64 === undefined ? response : { ...response, body: archiveEntries(base64) };
}

/** An answer that is nothing but an identifier names, in later requests, what this run calls otherwise. */
function learnId(was: Exchange["response"], is: Exchange["response"], learned: Map<string, string>): void {
  const [before, now] = [was, is].map((answer) => ("body" in answer ? answer.body : undefined));
  const isId = (body: unknown): body is string => typeof body === "string" && /^[0-9a-f-]{16,36}$/.test(body);
  if (isId(before) && isId(now)) learned.set(before, now);
}

function substituted<T>(value: T, learned: ReadonlyMap<string, string>): T {
  let text = JSON.stringify(value);
  for (const [placeholder, actual] of learned) text = text.replaceAll(placeholder, actual);
  return JSON.parse(text) as T;
}
