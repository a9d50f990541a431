import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * What a gateway stand-in answers. `text` is one body; `stream` is a list of chunks, each written on its own. `end` says how
 * the answer ends: `complete`; `cut` breaks the connection after what was sent; `hang` sends it and then keeps the connection
 * open; `silent` sends nothing at all, not even headers. `delayMs` is waited before the first byte, headers included.
 */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: { text: string } | { stream: readonly string[] };
  end: "complete" | "cut" | "hang" | "silent";
  delayMs: number;
}

/** Content type of every JSON body. */
export const JSON_TYPE = "application/json; charset=utf-8";

/** Content type of the HTML and plain error pages of Phoenix. */
export const HTML_TYPE = "text/html; charset=utf-8";

/** A complete JSON answer; `value` is serialised in its own key order. */
export function json(status: number, value: unknown): Answer {
  return text(status, JSON_TYPE, JSON.stringify(value));
}

/** A complete answer with a body as it stands. */
export function text(status: number, contentType: string, body: string): Answer {
  return { status, headers: { "content-type": contentType }, body: { text: body }, end: "complete", delayMs: 0 };
}

/** The text of one server-sent event that carries `value` as JSON. */
export function dataFrame(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

/** The last event of an OpenAI stream. */
export const DONE_FRAME = "data: [DONE]\n\n";

/** The comment that keeps an idle stream open. */
export const KEEPALIVE = ": keepalive\n\n";

/** Reads a request's body to its end. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** Writes an answer. A client that went away in the meantime ends it silently: that is the client's choice, not a fault. */
export async function send(response: ServerResponse, answer: Answer): Promise<void> {
  if (answer.delayMs > 0) await pause(response, answer.delayMs);
  if (response.destroyed || answer.end === "silent") return;
  if ("stream" in answer.body) {
    response.writeHead(answer.status, answer.headers);
    response.flushHeaders();
    // One turn of the event loop between chunks, so that they leave as separate chunks and not as one body.
    for (const chunk of answer.body.stream) {
      response.write(chunk);
      await new Promise((next) => setImmediate(next));
    }
  } else if (answer.end === "complete") {
    response.writeHead(answer.status, { ...answer.headers, "content-length": Buffer.byteLength(answer.body.text) });
    response.end(answer.body.text);
    return;
  } else {
    response.writeHead(answer.status, answer.headers);
    response.write(answer.body.text);
  }
  if (answer.end === "complete") response.end();
  // A turn of the loop lets the last chunk reach the socket before it is destroyed.
  if (answer.end === "cut") setImmediate(() => response.destroy());
}

/** Waits, but not longer than the client does. */
function pause(response: ServerResponse, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    response.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** A listening HTTP server on this machine. `close` also ends connections that are still open. */
export interface Listener {
  url: string;
  port: number;
  close(): Promise<void>;
}

/**
 * Listens on `host`:`port` (port 0 = any free one) and answers every request with `handle`; an exception in it becomes a 500, so
 * that a bug of a stand-in shows as an answer and not as a test that hangs.
 */
export async function listen(
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  host = "127.0.0.1",
  port = 0,
): Promise<Listener> {
  const server: Server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" });
      response.end(`stand-in failed: ${error instanceof Error ? error.stack : String(error)}`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://${host}:${bound}`,
    port: bound,
    close: () =>
      new Promise<void>((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}
