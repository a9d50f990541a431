import { z } from "zod";
import { listen, readBody } from "../gateway/http.ts";

/**
 * An ntfy server as its documentation has it: https://docs.ntfy.sh/publish/ ("Publish as JSON", "Updating notifications", "Limitations",
 * "Authentication"), with the errors of its source (server/errors.go).
 */

const Message = z.object({
  topic: z.string(),
  title: z.string().optional(),
  message: z.string().optional(),
  priority: z.int().min(0).max(5).optional(),
  tags: z.array(z.string()).optional(),
  click: z.string().optional(),
  sequence_id: z.string().optional(),
  /** Three at most. */
  actions: z
    .array(z.object({ action: z.literal("view"), label: z.string().min(1), url: z.string() }))
    .max(3)
    .optional(),
});

/** What people have on their phones: the last message of each sequence, and each message without one. */
export interface Notification {
  topic: string;
  title: string;
  message: string;
  priority: number;
  tags: string[];
  click: string;
  sequence: string;
  /** A message that was too long is a file. */
  attached: boolean;
}

export interface NtfyStandin {
  url: string;
  /** The access token that it asks for; "" when anybody may publish. */
  token: string;
  notifications: Notification[];
  /** Messages that were taken. */
  published: number;
  close(): Promise<void>;
}

const TOPIC = /^[-_A-Za-z0-9]{1,64}$/;
/** Bytes of a message. */
const LONGEST = 4_096;

const failed = (code: number, http: number, error: string) => ({ status: http, body: { code, http, error } });

/** Starts it on a free local port. */
export async function startNtfy(token = ""): Promise<NtfyStandin> {
  const standin = { token, notifications: [] as Notification[], published: 0 };
  const publish = (topic: string, text: string, json: boolean) => {
    let given: z.infer<typeof Message> = { topic, message: text };
    if (json) {
      const parsed = Message.safeParse(readJson(text));
      if (!parsed.success) return failed(40024, 400, "invalid request: request body must be valid JSON");
      given = parsed.data;
    }
    if (!TOPIC.test(given.topic)) return failed(40009, 400, "invalid request: topic invalid");
    const { title = "", message = "", priority = 3, tags = [], click = "", sequence_id } = given;
    const attached = Buffer.byteLength(message) > LONGEST;
    const sequence = sequence_id ?? crypto.randomUUID();
    const shown = {
      topic: given.topic,
      title,
      message: message || "triggered",
      priority: priority || 3,
      tags,
      click,
      sequence,
      attached,
    };
    const rest = standin.notifications.filter((one) => one.topic !== given.topic || one.sequence !== sequence);
    standin.notifications = [...rest, shown];
    standin.published++;
    return { status: 200, body: { id: crypto.randomUUID().slice(0, 12), event: "message", topic: given.topic } };
  };
  const listener = await listen(async (request, response) => {
    const text = await readBody(request);
    const topic = (request.url ?? "/").slice(1);
    const answer = !mayPublish(standin.token, request.headers.authorization)
      ? failed(40101, 401, "unauthorized")
      : publish(topic, text, topic === "");
    response.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.body));
  });
  return Object.assign(standin, { url: listener.url, close: listener.close });
}

/** A token as bearer, or as the password of an empty user name. */
function mayPublish(token: string, authorization = ""): boolean {
  const [scheme = "", value = ""] = authorization.split(" ");
  const basic = scheme === "Basic" ? Buffer.from(value, "base64").toString() : "";
  return token === "" || value === token || basic === `:${token}`;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
