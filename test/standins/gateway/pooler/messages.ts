import type { RequestProblem } from "./chat_validation.ts";
import { isObject, type Json } from "./json.ts";

const ROLES = ["system", "developer", "user", "assistant", "tool"];
const IMAGE_FORMATS = /^data:image\/(png|jpe?g|gif|webp);base64,/;

/** What the gateway objects to in `messages`: roles, content parts, replayed tool calls, image formats. Extra keys are ignored. */
export function messagesProblem(messages: unknown): RequestProblem | null {
  if (messages === undefined) return problem("messages is required");
  if (!Array.isArray(messages) || messages.length === 0) return problem("messages must be a non-empty array");
  if (!messages.every(isMessage)) return problem("messages must contain role/content objects");
  if (messages.every((message) => imagesAreSupported(message.content))) return null;
  return {
    code: "unsupported_input_image_format",
    message: "input image must be a png, jpeg, gif or webp image",
    param: "messages",
  };
}

function problem(message: string): RequestProblem {
  return { code: "invalid_request", message, param: "messages" };
}

function isMessage(message: unknown): message is Json {
  if (!isObject(message) || !ROLES.includes(String(message.role))) return false;
  // Only an assistant message with tool calls may go without content.
  if (message.role === "assistant" && Array.isArray(message.tool_calls)) {
    return (
      (message.content === undefined || message.content === null || isContent(message.content)) &&
      message.tool_calls.every(isToolCall)
    );
  }
  return isContent(message.content);
}

function isToolCall(call: unknown): boolean {
  if (!isObject(call) || !isObject(call.function)) return false;
  const named = typeof call.function.name === "string" && call.function.name !== "";
  return named && typeof call.function.arguments === "string" && typeof (call.call_id ?? call.id) === "string";
}

function isContent(content: unknown): boolean {
  if (typeof content === "string") return true;
  return Array.isArray(content) && content.length > 0 && content.every(isContentPart);
}

function isContentPart(part: unknown): boolean {
  if (!isObject(part)) return false;
  switch (part.type) {
    case "text":
    case "input_text":
      return typeof part.text === "string";
    case "image_url":
      return imageUrl(part) !== undefined;
    case "input_image":
      return typeof part.image_url === "string";
    case "input_audio":
      return isObject(part.input_audio);
    case "file":
      return (
        isObject(part.file) &&
        (hasText(part.file.file_id) || (hasText(part.file.filename) && hasText(part.file.file_data)))
      );
    default:
      return false;
  }
}

function hasText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function imageUrl(part: Json): string | undefined {
  const url = isObject(part.image_url) ? part.image_url.url : part.image_url;
  return typeof url === "string" ? url : undefined;
}

function imagesAreSupported(content: unknown): boolean {
  if (!Array.isArray(content)) return true;
  return content.every((part) => {
    const url = isObject(part) ? imageUrl(part) : undefined;
    return url === undefined || !url.startsWith("data:") || IMAGE_FORMATS.test(url);
  });
}
