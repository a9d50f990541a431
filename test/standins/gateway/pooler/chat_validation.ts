import type { ErrorCode } from "./errors.ts";
import { isObject, type Json } from "./json.ts";
import { messagesProblem } from "./messages.ts";
import { strictSchemaProblem } from "./strict_schema.ts";

/** Why a chat request is refused with 400 before anything is looked up. */
export interface RequestProblem {
  code: ErrorCode;
  message: string;
  param: string;
}

/** Fields that the gateway knows; anything else is an unsupported parameter. */
const KNOWN_FIELDS = new Set(
  (
    "function_call functions input instructions max_completion_tokens max_tokens messages metadata model moderation " +
    "parallel_tool_calls prompt_cache_key prompt_cache_options prompt_cache_retention reasoning_effort response_format " +
    "safety_identifier service_tier store stream stream_options temperature tool_choice tools top_p verbosity " +
    "max_output_tokens"
  ).split(" "),
);

const EFFORT = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;
const SERVICE_TIERS = ["auto", "default", "flex", "fast", "priority", "scale"];
const VERBOSITIES = ["low", "medium", "high"];

const invalid = (message: string, param: string): RequestProblem => ({ code: "invalid_request", message, param });

/** One check each, in the gateway's order; the first that finds something decides. */
const CHECKS: readonly ((body: Json) => RequestProblem | null)[] = [
  legacyFunctions,
  unsupportedField,
  (body) => (typeof body.model === "string" && body.model.trim() !== "" ? null : invalid("model is required", "model")),
  (body) =>
    !("reasoning_effort" in body) || (typeof body.reasoning_effort === "string" && EFFORT.test(body.reasoning_effort))
      ? null
      : invalid("reasoning effort is not supported", "reasoning_effort"),
  (body) => oneOf(body, "service_tier", SERVICE_TIERS),
  streamOptions,
  (body) => positiveInteger(body, "max_tokens") ?? positiveInteger(body, "max_completion_tokens"),
  (body) => oneOf(body, "verbosity", VERBOSITIES),
  (body) => messagesProblem(body.messages),
  tools,
  toolChoice,
  responseFormat,
  strictTools,
];

/** The first thing that the gateway objects to in a chat request, or null. */
export function chatProblem(body: unknown): RequestProblem | null {
  if (!isObject(body)) return invalid("request body must be an object", "body");
  for (const check of CHECKS) {
    const problem = check(body);
    if (problem) return problem;
  }
  return null;
}

function legacyFunctions(body: Json): RequestProblem | null {
  if ("functions" in body) return invalid("legacy functions are not translatable", "functions");
  return "function_call" in body ? invalid("legacy function_call is not translatable", "function_call") : null;
}

/** Presence is enough: a null value of an unsupported field is refused as well. */
function unsupportedField(body: Json): RequestProblem | null {
  const offenders = Object.keys(body).filter((key) => !KNOWN_FIELDS.has(key));
  const field = offenders.includes("logprobs") ? "logprobs" : offenders.sort()[0];
  if (field === undefined) return null;
  return { code: "unsupported_parameter", message: `Unsupported parameter: ${field}`, param: field };
}

function oneOf(body: Json, field: string, allowed: readonly string[]): RequestProblem | null {
  if (!(field in body) || allowed.includes(String(body[field]))) return null;
  return invalid(`${field} is not supported`, field);
}

function positiveInteger(body: Json, field: string): RequestProblem | null {
  if (!(field in body) || (Number.isInteger(body[field]) && Number(body[field]) > 0)) return null;
  return invalid(`${field} must be a positive integer`, field);
}

function streamOptions(body: Json): RequestProblem | null {
  if (!("stream_options" in body)) return null;
  const options = body.stream_options;
  if (!isObject(options)) return invalid("stream_options must be an object", "stream_options");
  const unknown = Object.keys(options).find((key) => key !== "include_usage");
  if (unknown) return invalid("stream_options field is not supported", `stream_options.${unknown}`);
  const wanted = options.include_usage ?? false;
  if (typeof wanted === "boolean") return null;
  return invalid("stream_options.include_usage must be a boolean", "stream_options.include_usage");
}

function tools(body: Json): RequestProblem | null {
  if (!("tools" in body)) return null;
  if (!Array.isArray(body.tools)) return invalid("tools must be an array", "tools");
  const names: unknown[] = [];
  for (const tool of body.tools) {
    const declared = isObject(tool) && tool.type === "function" ? tool.function : undefined;
    if (!isObject(declared) || typeof declared.name !== "string" || !isObject(declared.parameters)) {
      return invalid("function tool requires nested function name and parameters", "tools");
    }
    names.push(declared.name);
  }
  return new Set(names).size === names.length ? null : invalid("tool names must be unique", "tools");
}

function toolChoice(body: Json): RequestProblem | null {
  const choice = body.tool_choice;
  if (choice === undefined || ["auto", "none", "required"].includes(String(choice))) return null;
  const declared = Array.isArray(body.tools) ? body.tools : [];
  const named = isObject(choice) && isObject(choice.function) ? choice.function.name : undefined;
  const known = declared.some((tool) => isObject(tool) && isObject(tool.function) && tool.function.name === named);
  return known ? null : invalid("tool_choice is not supported", "tool_choice");
}

function responseFormat(body: Json): RequestProblem | null {
  const format = body.response_format;
  if (format === undefined) return null;
  if (!isObject(format) || !["text", "json_object", "json_schema"].includes(String(format.type))) {
    return invalid("response_format is not supported", "response_format");
  }
  if (!isObject(format.json_schema) || format.json_schema.strict !== true) return null;
  const problem = strictSchemaProblem(format.json_schema.schema, "text.format.schema");
  if (!problem) return null;
  return { code: "invalid_json_schema", message: `strict json_schema ${problem.detail}`, param: problem.path };
}

function strictTools(body: Json): RequestProblem | null {
  for (const [index, tool] of (Array.isArray(body.tools) ? body.tools : []).entries()) {
    if (tool.function.strict !== true) continue;
    const problem = strictSchemaProblem(tool.function.parameters, `tools.${index}.parameters`);
    if (!problem) continue;
    const message = `Invalid schema for function '${tool.function.name}': strict json_schema ${problem.detail}`;
    return { code: "invalid_function_parameters", message, param: problem.path };
  }
  return null;
}
