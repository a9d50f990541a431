/**
 * The bodies of the probes: what Windmill 1.788.0 itself sends for a `customai` provider, key by key and in its order
 * (frontend copilot/lib.ts for the UI, windmill-ai/src/providers/other.rs for the worker). A gateway that refuses one of them refuses
 * the feature behind it, so nothing is added here to make a probe cheaper or more talkative.
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

interface Tool {
  type: "function";
  function: { strict: boolean; name: string; description: string; parameters: Record<string, unknown> };
}

/** Keys are in the order in which they are sent. */
export interface ChatBody {
  model: string;
  messages: ChatMessage[];
  tools?: Tool[];
  temperature?: number;
  max_tokens?: number;
  stream: boolean;
  max_completion_tokens?: number;
  stream_options?: { include_usage: boolean };
}

/** The name of the tool that the probe with tools offers. */
export const TOOL_NAME = "report_status";

/** The name of the docked flow chat's tool that runs the flow under test. */
const FLOW_TOOL_NAME = "test_run_flow";

/** Non-stream requests of the UI never ask for more (copilot/lib.ts: min(resolved, 4096)). */
const PLAIN_MAX_TOKENS = 4_096;

/** What an agent step sends when "max output tokens" is set to its documented example. */
const AGENT_MAX_TOKENS = 1_000;
const AGENT_TEMPERATURE = 0.2;

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

/** A streamed answer without tools, at the full token limit. */
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

/**
 * Docked flow chat on a flow with an optional input: the flow's input schema as Windmill stores it goes out with `strict: true`, which
 * OpenAI's rules for strict schemas forbid (copilot/chat/shared.ts exempts other providers, not `customai`).
 */
export function strictToolsBody(model: string, maxTokens: number): ChatBody {
  const ask = `## INSTRUCTIONS:\nCall the tool ${FLOW_TOOL_NAME} once, with name "ok".`;
  const parameters = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    order: ["name", "greeting"],
    properties: {
      name: { type: "string", description: "Who to greet" },
      greeting: { type: "string", description: "How to greet", default: "hello" },
    },
    required: ["name"],
  };
  const tool = toolOf(FLOW_TOOL_NAME, "Execute a test run of the current flow", parameters);
  return { model, messages: conversation(SYSTEM, ask), tools: [tool], max_tokens: maxTokens, stream: true };
}

/** An AI agent step without tools, as the worker sends it. Workspace token limits play no part in it. */
export function agentBody(model: string): ChatBody {
  return {
    model,
    messages: conversation(SYSTEM, "Reply with only: ok"),
    temperature: AGENT_TEMPERATURE,
    max_completion_tokens: AGENT_MAX_TOKENS,
    stream: true,
    stream_options: { include_usage: true },
  };
}

/** What the worker sends once more when a gateway objects to `stream_options`. */
export function withoutStreamOptions(sent: ChatBody): ChatBody {
  const { stream_options: _dropped, ...rest } = sent;
  return rest;
}

/** The connection check of the setup guide. */
export function connectionCheckBody(model: string): ChatBody {
  const messages: ChatMessage[] = [{ role: "user", content: "Reply with only: ok" }];
  return { model, messages, stream: false, max_completion_tokens: 16 };
}

function plain(model: string, messages: ChatMessage[], maxTokens: number): ChatBody {
  return { model, messages, max_tokens: Math.min(maxTokens, PLAIN_MAX_TOKENS), stream: false };
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
