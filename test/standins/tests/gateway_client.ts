import type { Outcome } from "../../../src/core/shapes.ts";
import { type FaultName, type PoolerStandin, STANDIN_KEY } from "../gateway/pooler.ts";

/** The smallest good chat request. */
export const PLAIN = { model: "gpt-5.5", messages: [{ role: "user", content: "Reply with only: ok" }] };

/** An error object that keeps its message. */
export function invalid(code: string, message: string, param: string | null = null): object {
  return { message, type: "invalid_request_error", code, param };
}

/** What a test reads of an answer; `json` is {} and `error` undefined where the body is no JSON object. */
export interface GatewayAnswer {
  status: number;
  headers: Headers;
  text: string;
  json: Record<string, unknown>;
  error: unknown;
}

export type GatewayClient = ReturnType<typeof gatewayClient>;

/** Talks to the Codex Pooler stand-in as a client with a good key does, and switches it for the time of one check. */
export function gatewayClient(pooler: PoolerStandin) {
  async function call(
    path: string,
    init: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<GatewayAnswer> {
    const body = typeof init.body === "string" ? init.body : JSON.stringify(init.body);
    const response = await fetch(pooler.url + path, {
      method: init.method ?? (init.body === undefined ? "GET" : "POST"),
      redirect: "manual",
      headers: { "content-type": "application/json", authorization: `Bearer ${STANDIN_KEY}`, ...init.headers },
      ...(init.body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const json = text.startsWith("{") ? (JSON.parse(text) as Record<string, unknown>) : {};
    return { status: response.status, headers: response.headers, text, json, error: json.error };
  }

  const chat = (extra: object = {}) => call("/v1/chat/completions", { body: { ...PLAIN, ...extra } });

  /** Runs with a switch set, and sets it back. */
  async function having<K extends keyof PoolerStandin>(name: K, value: PoolerStandin[K], then: () => Promise<void>) {
    const was = pooler[name];
    pooler[name] = value;
    try {
      await then();
    } finally {
      pooler[name] = was;
    }
  }

  const broken = (fault: FaultName, then: () => Promise<void>) => having("faults", [{ name: fault }], then);

  return { call, chat, having, broken };
}

/**
 * Sends a probe's request straight to the stand-in and tells what came back in the product's own shape, as if Windmill were not
 * in between: a gateway's status is kept.
 */
export function sendTo(pooler: PoolerStandin, timeoutMs = 5_000) {
  return async ({ method, path, body }: { method: string; path: string; body?: object }): Promise<Outcome> => {
    const none = { status: null, content_type: "", body: "", truncated: false, ms: 0 };
    const response = await fetch(`${pooler.baseUrl}/${path}`, {
      method,
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
      headers: { "content-type": "application/json", authorization: `Bearer ${STANDIN_KEY}` },
      ...(body ? { body: JSON.stringify(body) } : {}),
    }).catch(() => null);
    if (!response) return { ...none, failure: { kind: "timeout", message: "no answer" } };
    const content_type = (response.headers.get("content-type") ?? "").split(";")[0] ?? "";
    const answer = { ...none, status: response.status, content_type };
    let text = "";
    try {
      for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) text += chunk;
    } catch (error) {
      const late = error instanceof Error && error.name === "TimeoutError";
      return { ...answer, body: text, failure: { kind: late ? "timeout" : "aborted", message: String(error) } };
    }
    return { ...answer, body: text };
  };
}
