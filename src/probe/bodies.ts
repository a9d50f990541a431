/**
 * The bodies of the probes: what Windmill itself sends for a `customai` provider, key by key and in its order. A gateway that refuses
 * one of them refuses the feature behind it, and one that Windmill would not send proves nothing, so nothing is added here and nothing
 * left out. Sources, in Windmill's repository, from 1.743.0 to 1.795.0 unless a version is named:
 * frontend/src/lib/components/copilot/lib.ts (requests of the UI, limits of output), chat/shared.ts and chat/flow/core.ts (tools),
 * backend/windmill-ai/src/providers/other.rs and types.rs (AI agent steps). Bodies of real requests, shortened, are in the tests.
 */

export interface ChatMessage {
  role: "system" | "user" | "assistant" | "tool";
  content?: string;
  tool_calls?: ToolCall[];
  tool_call_id?: string;
}

/** A tool call as a stream delivers it and as Windmill sends it back: `index` and all, `type` only if the gateway said it. */
export interface ToolCall {
  index?: number;
  id?: string;
  type?: string;
  function: { name: string; arguments: string };
}

/** The UI says for each tool whether it is strict, the worker for none. */
interface Tool {
  type: "function";
  function: { strict?: boolean; name: string; description: string; parameters: Record<string, unknown> };
}

/** What a request may hold; each body has its keys in the order in which Windmill sends them. */
export interface ChatBody {
  model: string;
  messages: ChatMessage[];
  tools?: Tool[];
  temperature?: number;
  max_tokens?: number;
  max_completion_tokens?: number;
  response_format?: { type: "json_schema"; json_schema: { name: string; schema: object; strict: true } };
  tool_choice?: "required";
  stream: boolean;
  stream_options?: { include_usage: boolean };
}

/** The name of the tool that the probe with tools offers. */
export const TOOL_NAME = "report_status";

/** The name of the docked flow chat's tool that runs the flow under test. */
const FLOW_TOOL_NAME = "test_run_flow";

/** Titles, summaries and whatever else is metadata never ask for more (METADATA_MAX_TOKENS, since 1.752), nor does "Test key". */
const METADATA_MAX_TOKENS = 4_096;

/** What people may set in an agent step, at values that every model takes which takes any. */
const AGENT_MAX_TOKENS = 1_000;
const AGENT_TEMPERATURE = 0.2;

/** The name of the schema, or of the tool, by which an agent step asks for structured output. */
export const STRUCTURED_OUTPUT = "structured_output";

const SYSTEM = "You are Windmill's assistant. This is a health check: do exactly what the user asks, and nothing else.";

/** The 'Test key' button (TestAIKey.svelte). */
export function testKeyBody(model: string, maxTokens: number): ChatBody {
  return plain(model, [{ role: "user", content: "this is a test, simply reply with 'ok'" }], maxTokens);
}

/** Summaries, cron and regex generators, step inputs, session titles. */
export function metadataBody(model: string, maxTokens: number): ChatBody {
  const system = "You write a title of at most five words for a conversation. Reply with the title only.";
  const user = "Conversation:\nuser: Reply with only: ok\n\nassistant: ok";
  return plain(model, conversation(system, user), maxTokens);
}

/** Summaries and descriptions of scripts and flows, which are streamed. */
export function summaryBody(model: string, maxTokens: number): ChatBody {
  const system = "You write a description of at most five words for a script. Reply with the description only.";
  const user = "Script:\nexport async function main() { return 'ok' }";
  const max_tokens = Math.min(maxTokens, METADATA_MAX_TOKENS);
  return { model, messages: conversation(system, user), max_tokens, stream: true };
}

/** A streamed answer without tools, at the full token limit: code that is generated in apps. */
export function streamBody(model: string, maxTokens: number): ChatBody {
  const messages = conversation(SYSTEM, "## INSTRUCTIONS:\nReply with only: ok");
  return { model, messages, max_tokens: maxTokens, stream: true };
}

/** The first turn of a chat with tools. */
export function toolsBody(model: string, maxTokens: number): ChatBody {
  const ask = `## INSTRUCTIONS:\nCall the tool ${TOOL_NAME} once, with value "ok". When you have its result, reply with only: ok`;
  const parameters = {
    type: "object",
    properties: { value: { type: "string", description: "The value to report" } },
    required: ["value"],
    additionalProperties: false,
  };
  const tool = toolOf(TOOL_NAME, "Report a value to the user's workspace", parameters);
  return { model, messages: conversation(SYSTEM, ask), tools: [tool], max_tokens: maxTokens, stream: true };
}

/**
 * The second turn: what the model said and called is sent back with every tool's result. As the UI does, `content` is left out when
 * the model said nothing, and a missing index or id is made up.
 */
export function toolResultBody(sent: ChatBody, text: string, calls: readonly ToolCall[]): ChatBody {
  const replayed = calls.map((call, index) => ({
    ...call,
    index: call.index ?? index,
    id: call.id ?? `call_${index}`,
  }));
  const assistant: ChatMessage = { role: "assistant", ...(text === "" ? {} : { content: text }), tool_calls: replayed };
  const results = replayed.map(({ id }): ChatMessage => ({ role: "tool", tool_call_id: id, content: "Reported: ok" }));
  return { ...sent, messages: [...sent.messages, assistant, ...results] };
}

/** Tools and system prompt of AI sessions, as 1.795.0 sends them: what they are and how much, not what they say. */
const SESSION = { tools: 70, strict: 24, loose: 42, body_bytes: 83_000, system_bytes: 16_000 } as const;

/**
 * A turn of AI sessions in its size: 70 tools, some of them strict, some not, some without a word about it, and a long system prompt.
 * Limits of bodies, of tools and of input tokens show with it only. It is answered in one word.
 */
export function largeBody(model: string, maxTokens: number): ChatBody {
  const system = filled(SYSTEM, SESSION.system_bytes);
  const body = (description: string): ChatBody => ({
    model,
    messages: conversation(system, "## INSTRUCTIONS:\nReply with only: ok. Call no tool."),
    tools: Array.from({ length: SESSION.tools }, (_, index) => sessionTool(index, description)),
    max_tokens: maxTokens,
    stream: true,
  });
  const bare = JSON.stringify(body("")).length;
  return body(filled("A tool of the workspace.", Math.ceil((SESSION.body_bytes - bare) / SESSION.tools)));
}

function sessionTool(index: number, description: string): Tool {
  const isStrict = index < SESSION.strict;
  const parameters = {
    type: "object",
    properties: {
      path: { type: "string", description: "Path of the item" },
      kind: { type: "string", enum: ["script", "flow"] },
      // Keywords that strict schemas may not have stand in the other tools only.
      ...(isStrict ? {} : { limit: { type: "integer", minimum: 1, maximum: 100, default: 20 } }),
    },
    required: ["path", "kind"],
    additionalProperties: false,
  };
  const name = `workspace_tool_${index + 1}`;
  const says = index < SESSION.strict + SESSION.loose ? { strict: isStrict } : {};
  return { type: "function", function: { ...says, name, description, parameters } };
}

/** A text of about so many bytes. */
const filled = (text: string, bytes: number): string =>
  text.padEnd(bytes, " This sentence stands for the instructions of Windmill's own tools.");

/**
 * Docked flow chat on a flow with an optional input: the flow's input schema as Windmill stores it, between `type` and
 * `additionalProperties`, goes out with `strict: true`, which OpenAI's rules for strict schemas forbid while a property is optional
 * (buildSchemaForTool in chat/shared.ts exempts other providers, not `customai`).
 */
export function strictToolsBody(model: string, maxTokens: number): ChatBody {
  const ask = `## INSTRUCTIONS:\nCall the tool ${FLOW_TOOL_NAME} once, with name "ok".`;
  const parameters = {
    type: "object",
    $schema: "https://json-schema.org/draft/2020-12/schema",
    properties: {
      name: { type: "string", description: "Who to greet" },
      greeting: { type: "string", description: "How to greet", default: "hello" },
    },
    required: ["name"],
    order: ["name", "greeting"],
    additionalProperties: false,
  };
  const tool = toolOf(FLOW_TOOL_NAME, "Execute a test run of the current flow", parameters);
  return { model, messages: conversation(SYSTEM, ask), tools: [tool], max_tokens: maxTokens, stream: true };
}

/** An AI agent step as it is when nothing is set: neither a temperature nor a limit. Workspace token limits play no part in it. */
export function agentBody(model: string): ChatBody {
  return agentStep(model, "Reply with only: ok");
}

/** An agent step that sets a temperature. */
export function agentTemperatureBody(model: string): ChatBody {
  return agentStep(model, "Reply with only: ok", { temperature: AGENT_TEMPERATURE });
}

/** An agent step that limits its output. */
export function agentMaxTokensBody(model: string): ChatBody {
  return agentStep(model, "Reply with only: ok", { max_completion_tokens: AGENT_MAX_TOKENS });
}

/**
 * An agent step with a tool. The worker says nothing of strictness, and sends the schema of the script behind it. Versions after 1.795
 * add `reasoning_effort: "none"` for gpt-5.5 and later ids (REASONING_RULES in providers/mod.rs), which refuse tools while they reason.
 */
export function agentToolsBody(model: string): ChatBody {
  const ask = `Call the tool ${TOOL_NAME} once, with value "ok". When you have its result, reply with only: ok`;
  const parameters = {
    type: "object",
    properties: { value: { type: "string", description: "The value to report" } },
    required: ["value"],
  };
  const tool: Tool = {
    type: "function",
    function: { name: TOOL_NAME, description: "Report a value to the user's workspace", parameters },
  };
  return agentStep(model, ask, { tools: [tool] });
}

/** What the worker sends when the tool has run: what the model said, if anything, and its calls are two messages of their own. */
export function agentToolResultBody(sent: ChatBody, text: string, calls: readonly ToolCall[]): ChatBody {
  const made = calls.map(({ id, function: called }, index) => ({
    id: id ?? `call_${index}`,
    function: { name: called.name, arguments: called.arguments },
    type: "function",
  }));
  const said: ChatMessage[] = text === "" ? [] : [{ role: "assistant", content: text }];
  const results = made.map(({ id }): ChatMessage => ({ role: "tool", content: "Reported: ok", tool_call_id: id }));
  return { ...sent, messages: [...sent.messages, ...said, { role: "assistant", tool_calls: made }, ...results] };
}

/** An agent step with an output schema: a format, or, for models whose id names claude, a tool that must be called. */
export function agentSchemaBody(model: string): ChatBody {
  const schema = {
    type: "object",
    properties: { answer: { type: "string" } },
    required: ["answer"],
    additionalProperties: false,
  };
  const ask = 'Answer with the word "ok".';
  if (!asksByTool(model)) {
    const json_schema = { name: STRUCTURED_OUTPUT, schema, strict: true } as const;
    return agentStep(model, ask, { response_format: { type: "json_schema", json_schema } });
  }
  const tool: Tool = {
    type: "function",
    function: { name: STRUCTURED_OUTPUT, description: "Return the answer in this form", parameters: schema },
  };
  return agentStep(model, ask, { tools: [tool], tool_choice: "required" });
}

/** Whether an agent step asks this model for structured output by a tool (should_use_structured_output_tool in utils.rs). */
export const asksByTool = (model: string): boolean => model.includes("claude");

function agentStep(model: string, ask: string, options: Partial<ChatBody> = {}): ChatBody {
  const { tools, temperature, max_completion_tokens, response_format, tool_choice } = options;
  return {
    model,
    messages: conversation(SYSTEM, ask),
    ...(tools ? { tools } : {}),
    ...(temperature === undefined ? {} : { temperature }),
    ...(max_completion_tokens === undefined ? {} : { max_completion_tokens }),
    ...(response_format ? { response_format } : {}),
    ...(tool_choice ? { tool_choice } : {}),
    stream: true,
    stream_options: { include_usage: true },
  };
}

/** What the worker sends once more when a gateway objects to `stream_options`. */
export function withoutStreamOptions(sent: ChatBody): ChatBody {
  const { stream_options: _dropped, ...rest } = sent;
  return rest;
}

/** The connection check of the gateway's setup guide. No feature of Windmill sends it. */
export function connectionCheckBody(model: string): ChatBody {
  const messages: ChatMessage[] = [{ role: "user", content: "Reply with only: ok" }];
  return { model, messages, stream: false, max_completion_tokens: 16 };
}

function plain(model: string, messages: ChatMessage[], maxTokens: number): ChatBody {
  return { model, messages, max_tokens: Math.min(maxTokens, METADATA_MAX_TOKENS), stream: false };
}

function conversation(system: string, user: string): ChatMessage[] {
  return [
    { role: "system", content: system },
    { role: "user", content: user },
  ];
}

function toolOf(name: string, description: string, parameters: Record<string, unknown>): Tool {
  return { type: "function", function: { strict: true, name, description, parameters } };
}
