import { z } from "zod";
import { excerpt } from "../../src/core/redact.ts";
import { BODY_LIMIT, type Outcome, type Owner, type ProbeKind, type Severity } from "../../src/core/shapes.ts";
import { rank } from "../../src/diagnose/match.ts";
import type { Signal } from "../../src/diagnose/reading.ts";
import { finding } from "../../src/diagnose/wording.ts";
import type { Row } from "../../src/table/row.ts";
import { rowOf, UNRECOGNISED } from "../../src/table/table.ts";

/** Exchanges in the format of test/recordings/README.md, as far as a diagnosis needs them. */

const Headers = z.record(z.string(), z.unknown()).nullish();

const Failure = z.union([z.string(), z.looseObject({ message: z.string() })]).nullish();

export const Exchange = z.looseObject({
  name: z.string().optional(),
  step: z.union([z.string(), z.number()]).optional(),
  request: z
    .looseObject({ method: z.string().optional(), path: z.string().optional(), body: z.unknown().optional() })
    .nullish(),
  response: z
    .looseObject({
      status: z.number().int().nullish(),
      headers: Headers,
      body: z.unknown().optional(),
      failure: Failure,
    })
    .nullish(),
  failure: Failure,
});
export type Exchange = z.infer<typeof Exchange>;

/** The code of an exchange that is fine. */
export const HEALTHY = "ok";

/** What the tool prints about an exchange. */
export interface Explained {
  name: string;
  code: string;
  severity: Severity | "none";
  owner: Owner | "none";
  cause: string;
  remedy: string[];
}

/** Explains one exchange; `index` names it when it has no name. */
export function explainExchange(exchange: Exchange, index: number): Explained {
  const name = excerpt(String(exchange.name ?? exchange.step ?? `exchange ${index}`));
  const signal = toSignal(exchange);
  const row = diagnoseExchange(exchange);
  if (row === null) {
    return {
      name,
      code: HEALTHY,
      severity: "none",
      owner: "none",
      cause: "Nothing is wrong with this exchange.",
      remedy: [],
    };
  }
  const { status, body, failure, location } = signal.outcome;
  const text = [body, failure?.message].filter(Boolean).join(" ");
  const evidence = { model: signal.model, status, text, ...(location === undefined ? {} : { location }) };
  const { code, severity, owner, cause, remedy } = finding(row.code, [evidence]);
  return { name, code, severity, owner, cause, remedy };
}

/** The row that explains an exchange, or null when nothing is wrong with it. */
export function diagnoseExchange(exchange: Exchange): Row | null {
  const signal = toSignal(exchange);
  const { status, failure } = signal.outcome;
  const answered = status !== null && status < 300 && !failure;
  // Whether another API's success is one is not for this table to say.
  if (answered && aiPath(exchange.request?.path ?? "") === null) return null;
  return rank(signal)[0]?.row ?? (answered ? null : rowOf(UNRECOGNISED));
}

/** What the exchange shows of a request that went the way of a user's browser. */
export function toSignal({ request, response, failure: outer }: Exchange): Signal {
  const asked = objectOf(request?.body);
  const said = response?.failure ?? outer;
  const body = textOf(response?.body);
  const failure = said ? toFailure(typeof said === "string" ? said : said.message, asked.stream === true) : undefined;
  const status = response?.status ?? null;
  const path = request?.path ?? "";
  // Asked without Windmill between, a gateway's own status is there to see; Windmill would have made it 400.
  const direct =
    status !== null && status >= 400 && path !== "" && !path.includes("/ai/proxy/") && aiPath(path) !== null;
  const outcome: Outcome = {
    status: direct ? 400 : status,
    content_type: (header(response?.headers, "content-type").split(";")[0] ?? "").trim().toLowerCase(),
    body: body.slice(0, BODY_LIMIT),
    truncated: body.length > BODY_LIMIT,
    ms: 0,
    ...(header(response?.headers, "location") ? { location: header(response?.headers, "location") } : {}),
    ...(header(response?.headers, "x-request-id") ? { request_id: header(response?.headers, "x-request-id") } : {}),
    ...(failure ? { failure } : {}),
  };
  return {
    outcome,
    route: null,
    kind: kindOf(path, asked),
    model: typeof asked.model === "string" ? asked.model : null,
    ...(direct ? { gateway_status: status } : {}),
  };
}

const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

const textOf = (body: unknown): string =>
  typeof body === "string" ? body : body === undefined || body === null ? "" : JSON.stringify(body);

function header(headers: z.infer<typeof Headers>, name: string): string {
  const value = Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];
  return [value]
    .flat()
    .filter((one) => typeof one === "string")
    .join(", ");
}

/** What the client said when there was no complete answer: its own time-out, a body that broke off, or no connection. */
function toFailure(message: string, streamed: boolean): NonNullable<Outcome["failure"]> {
  if (/time-?d? ?-?out|TimeoutError/i.test(message)) return { kind: "timeout", message };
  if (/terminated|premature close|aborted|unexpected end|body (?:stream|timeout)/i.test(message)) {
    return { kind: "aborted", message };
  }
  return { kind: streamed && /other side closed|socket hang up/i.test(message) ? "aborted" : "network", message };
}

/** The path below the gateway's base URL, or null for a request of another API. An unnamed request counts as a chat. */
const aiPath = (path: string): string | null =>
  path === "" ? "chat/completions" : ((/\/ai\/proxy\/([^?]*)/.exec(path) ?? /\/v1\/([^?]*)/.exec(path))?.[1] ?? null);

/** Which probe the request is like; null for one that is none. */
function kindOf(path: string, body: Readonly<Record<string, unknown>>): ProbeKind | null {
  const asked = aiPath(path);
  if (asked === "models") return "models";
  if (asked === "chat/completions" && body.stream === true) {
    return Array.isArray(body.tools) && body.tools.length > 0 ? "tools" : "stream";
  }
  return asked === "chat/completions" ? "chat" : asked === null ? null : "usage";
}
