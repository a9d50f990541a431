import type { Exchange } from "./replay.ts";

/** Fields that a sample script computes from the moment or from its process: only what kind of value they are counts. */
const COMPUTED = new Set(["ms", "stack", "WM_TOKEN", "WM_OBJECT_PATH", "worker_instance"]);

/**
 * An answer about a job with what the job computed replaced by its kind. Of a log, the first line counts: the rest tells whether
 * the worker had the bundle already.
 */
export function withoutComputed(exchange: Exchange, answer: Exchange["response"]): unknown {
  if (!("body" in answer)) return answer;
  const isLog = exchange.request.path.includes("/jobs_u/get_logs/");
  return { ...answer, body: isLog ? beginning(String(answer.body), 2) : replaced(answer.body) };
}

function replaced(value: unknown, key = ""): unknown {
  if (COMPUTED.has(key)) return `<${typeof value}>`;
  if (key === "logs" && typeof value === "string") return beginning(value, 1);
  if (Array.isArray(value)) return value.map((item) => replaced(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, replaced(inner, name)]));
}

function beginning(log: string, lines: number): string {
  return log
    .split("\n")
    .slice(0, lines)
    .join("\n")
    .replace(/hostname=\S+/, "hostname=<host>");
}
