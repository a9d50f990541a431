/** Bodies that several rows show as examples, in the shapes that gateways send. */

/** An error in OpenAI's envelope, which Codex Pooler uses too. */
export const openError = (
  message: string,
  code: string | null,
  type = "invalid_request_error",
  param: string | null = null,
) => ({ error: { message, type, code, param } });

/** Codex Pooler's envelope for 401, 403, 429 and 5xx on chat: only the code says what happened. */
export const redacted = (code: string) => ({
  error: { message: "upstream request failed", type: "server_error", code },
});

/** What a person sees of a redacted error. */
export const REDACTED_TOAST = /^upstream request failed$/i;

/** A server's own error page. */
export const webPage = (title: string, words = title): string =>
  `<html><head><title>${title}</title></head><body><center><h1>${words}</h1></center></body></html>`;
