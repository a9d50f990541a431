import "windmill-client@1.818.0";
import "zod@4.6.7";
import type { Alert } from "./alert.ts";
import type { WebhookFormat } from "./inputs.ts";

/**
 * The bodies that incoming webhooks take, one row per service. What the gateway said can stand in an alert, so no text of it may
 * become a mention, a masked link or markup.
 */

interface Format {
  /** Hosts that belong to the service; null for what runs anywhere. */
  hosts: RegExp | null;
  body(alert: Alert): unknown;
}

/** Breaks what is a masked link in Markdown, `[text](address)`. */
const unlinked = (text: string): string => text.replaceAll("](", "] (");

/** Slack's own escapes; with them nothing is a link, a channel or a person. */
const slackText = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** Mattermost tells everybody for `@channel`, `@all` and `@here`: a word joiner after the sign keeps it from being one. */
const mattermostText = (text: string): string => unlinked(text).replaceAll("@", "@\u2060");

/** Joins as many whole lines as fit, with the link after them: a cut alert still leads to its run. */
function fit(limit: number, headline: string, lines: readonly string[], link: string): string {
  const end = link === "" ? "" : `\n${link}`;
  let text = headline.slice(0, limit - end.length);
  for (const line of lines) {
    if (text.length + 1 + line.length + end.length > limit) break;
    text += `\n${line}`;
  }
  return text + end;
}

/** Characters of a Slack message; longer ones are cut by Slack at 40,000, and 4,000 is what it recommends. */
const SLACK_LIMIT = 4_000;
/** Characters of Discord's `content`; a longer one is refused. */
const DISCORD_LIMIT = 2_000;
/** Characters of a Mattermost post are 16,383; nobody reads that. */
const MATTERMOST_LIMIT = 4_000;

/**
 * Sources: Slack "Sending messages using incoming webhooks" and "Formatting text"; Discord "Execute Webhook" and "Allowed
 * Mentions"; Microsoft "Create incoming webhooks with Workflows" (the retired connectors took the same message with an Adaptive
 * Card; its 28 kB are far away); Mattermost "Incoming webhooks".
 */
const FORMATS = {
  slack: {
    hosts: /(^|\.)(slack|slack-gov)\.com$/,
    body: ({ headline, lines, run_url }) => ({
      text: fit(
        SLACK_LIMIT,
        `*${slackText(headline)}*`,
        lines.map(slackText),
        run_url && `<${slackText(run_url)}|Open the run>`,
      ),
      unfurl_links: false,
    }),
  },
  discord: {
    hosts: /(^|\.)discord(app)?\.com$/,
    body: ({ headline, lines, run_url }) => ({
      content: fit(DISCORD_LIMIT, `**${unlinked(headline)}**`, lines.map(unlinked), run_url && `<${run_url}>`),
      allowed_mentions: { parse: [] },
    }),
  },
  teams: {
    hosts: /(^|\.)(logic\.azure\.(com|us|cn)|api\.powerplatform\.com|powerautomate\.com|webhook\.office\.com)$/,
    body: ({ headline, lines, run_url }) => ({
      type: "message",
      attachments: [
        {
          contentType: "application/vnd.microsoft.card.adaptive",
          contentUrl: null,
          content: {
            $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
            type: "AdaptiveCard",
            version: "1.4",
            body: [
              { type: "TextBlock", text: unlinked(headline), weight: "Bolder", size: "Medium", wrap: true },
              ...lines.map((line) => ({ type: "TextBlock", text: unlinked(line), wrap: true, spacing: "Small" })),
            ],
            actions: run_url ? [{ type: "Action.OpenUrl", title: "Open the run", url: run_url }] : [],
          },
        },
      ],
    }),
  },
  mattermost: {
    hosts: /(^|\.)mattermost\.(com|cloud)$/,
    body: ({ headline, lines, run_url }) => ({
      text: fit(
        MATTERMOST_LIMIT,
        `**${mattermostText(headline)}**\n`,
        lines.map(mattermostText),
        run_url && `[Open the run](${run_url})`,
      ),
    }),
  },
  json: { hosts: null, body: (alert) => alert },
} as const satisfies Record<string, Format>;

type Service = keyof typeof FORMATS;

/** The service whose body a webhook gets. */
export function serviceOf(format: WebhookFormat, host: string): Service {
  if (format !== "auto") return format;
  const known = Object.entries<Format>(FORMATS).find(([, { hosts }]) => hosts?.test(host.toLowerCase()));
  return (known?.[0] as Service | undefined) ?? "json";
}

/** The body of an alert for a service, as JSON. */
export const webhookBody = (service: Service, alert: Alert): unknown => FORMATS[service].body(alert);
