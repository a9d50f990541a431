import * as z from "zod";
import { Depth } from "../core/shapes.ts";
import { choice, httpUrl, path } from "./fields.ts";
import type { Form } from "./form.ts";
import { CHAT_EVERY, Watching } from "./watch.ts";

/** Inputs of `check`. */
export const CheckInput = z.object({
  depth: choice([...Depth.options, "auto"]).transform((depth) => depth ?? "chat"),
  chat_every: Watching.chat_every.transform((given) => given ?? CHAT_EVERY),
  server_url: httpUrl,
  member_token_path: path,
});
export type CheckInput = z.infer<typeof CheckInput>;

/** What `check` asks people for. */
export const form: Form = {
  summary: "Codex Pooler: check Windmill AI",
  description: `Checks whether **Windmill AI** works: the way people's browsers go (server route) and the way jobs and AI agent steps go (worker route). Says what is wrong, why, who can fix it, and how. Changes nothing.`,
  timeout_s: 300,
  fields: {
    depth: {
      title: "Depth",
      description:
        "free: no tokens. chat: one completion per model and route. features: what each of Windmill's AI features sends. auto: what the health flow would do now.",
      default: "chat",
    },
    server_url: {
      title: "Server address",
      description:
        "Where a worker reaches the Windmill server, when the instance's own address does not work from there. Usually blank.",
      placeholder: "http://windmill_server:8000",
      default: "",
    },
    member_token_path: {
      title: "Token of a member",
      description:
        "Path of a secret variable with a Windmill token of a member who is no admin. Then it is tried, too, whether that member's chat and AI agent steps get through. Usually blank.",
      placeholder: "u/admin/token_of_a_member",
      default: "",
    },
    chat_every: {
      title: "Minutes between chats",
      description: "Only for depth auto: how often models are asked when nothing happens.",
      default: 60,
    },
  },
};
