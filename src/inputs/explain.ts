import type { Form } from "./form.ts";

/** What `explain` asks people for. */
export const form: Form = {
  summary: "Codex Pooler: explain an error",
  description: `Paste the error text of **Windmill AI** from a toast or a job's log. Says what it means, who can fix it, and how; where the words fit several causes, it lists them by likelihood. Asks nobody and changes nothing.`,
  timeout_s: 60,
  fields: {
    text: {
      format: "textarea",
      title: "Error text",
      description: "As Windmill shows it, with its beginning. A cut-off end does no harm; keys in it are taken out.",
      placeholder: "Failed to send request: 400 upstream request failed",
    },
  },
};
