import { type Answer, HTML_TYPE, text } from "../http.ts";
import { chatProblem } from "./chat_validation.ts";
import { type Completion, completionJson, completionStream, replyTo } from "./completion.ts";
import { refuse } from "./errors.ts";
import { type ChatCall, intercept } from "./faults.ts";
import { frameworkError } from "./gates.ts";
import { isObject, type Json } from "./json.ts";
import { overLimit, promptTokens } from "./reservation.ts";
import type { Call, PoolerState, PoolKey } from "./state.ts";

/** Bodies above this are refused unread. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** POST /v1/chat/completions: parse, parameters, admission, model, limits, upstream, in this order. */
export function chatCompletion(call: Call, key: PoolKey, state: PoolerState): Answer {
  if (Buffer.byteLength(call.bodyText) > MAX_BODY_BYTES) return text(413, HTML_TYPE, "Request Entity Too Large");
  const parsed = parse(call);
  if ("refused" in parsed) return parsed.refused;
  const { body } = parsed;
  const asked: ChatCall = { ...call, body };
  return intercept(state, "validation", asked, () => {
    const problem = chatProblem(body);
    if (problem) return refuse(problem.code, problem);
    return intercept(state, "admission", asked, () => {
      const served = findModel(key.enforcedModel ?? String(body.model).trim(), key, state);
      return "refused" in served ? served.refused : dispatch(asked, served.model, key, state);
    });
  });
}

/** Routing, the key's limits and the upstream account, for a model that the key may use. */
function dispatch(asked: ChatCall, model: string, key: PoolKey, state: PoolerState): Answer {
  return intercept(state, "routing", asked, () => {
    const refused = overLimit(asked.body, key, state.now());
    if (refused) return refused;
    const completion = complete(asked.body, model, key, state);
    const answered: ChatCall = { ...asked, completion };
    const answer = intercept(state, "upstream", answered, () => write(asked.body, completion));
    return { ...answer, delayMs: answer.delayMs + state.latencyMs };
  });
}

/** The body as the gateway sees it: nothing unless it is sent as JSON, and merged with the query string. */
function parse(call: Call): { body: Json } | { refused: Answer } {
  const query = Object.fromEntries(call.query);
  if (!(call.headers["content-type"] ?? "").startsWith("application/json")) return { body: query };
  try {
    const body: unknown = JSON.parse(call.bodyText);
    return isObject(body) ? { body: { ...query, ...body } } : { refused: refuse("invalid_request") };
  } catch {
    return { refused: frameworkError(400, "Bad Request", call.headers) };
  }
}

/** Matches trimmed and without case. A model that does not exist beats one that the key may not use. */
function findModel(wanted: string, key: PoolKey, state: PoolerState): { model: string } | { refused: Answer } {
  const same = (id: string) => id.toLowerCase() === wanted.toLowerCase();
  const model = state.models.find(same);
  if (model === undefined) return { refused: refuse("invalid_model", { param: "model" }) };
  if (key.allowedModels !== null && !key.allowedModels.some(same)) return { refused: refuse("model_not_allowed") };
  return { model };
}

/** Lets the model answer and books its tokens. */
function complete(body: Json, model: string, key: PoolKey, state: PoolerState): Completion {
  const reply = replyTo(body, state.reply);
  const prompt = promptTokens(body);
  const output = Math.max(1, Math.ceil(("text" in reply ? reply.text : reply.args).length / 4));
  state.tokens.prompt += prompt;
  state.tokens.completion += output;
  state.tokens.total += prompt + output;
  key.ledger.push({ at: state.now(), tokens: prompt + output });
  return {
    id: `resp_${String(state.requests.length).padStart(6, "0")}`,
    created: Math.floor(state.now() / 1000),
    model,
    reply,
    usage: { prompt_tokens: prompt, completion_tokens: output, total_tokens: prompt + output },
  };
}

/** Only the literal `true` streams. */
function write(body: Json, completion: Completion): Answer {
  if (body.stream !== true) return completionJson(completion);
  const options = body.stream_options;
  return completionStream(completion, isObject(options) && options.include_usage === true);
}
