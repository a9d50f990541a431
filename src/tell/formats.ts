import type { WebhookFormat } from "../inputs/alert.ts";
import type { Alert } from "./alert.ts";

/**
 * The bodies that incoming webhooks take, one row per service. What the gateway said can stand in an alert, so no text of it may
 * become a mention, a link or markup; the only link is the one to the run.
 */

interface Format {
  /** Hosts that belong to the service; null for what runs anywhere. */
  hosts: RegExp | null;
  body(alert: Alert): unknown;
}

/** What services that read Markdown make a link of without being asked. */
const ADDRESS = String.raw`(?:\b[a-z][a-z0-9+.-]*:\/\/|\bwww\.|\bmailto:|\btel:)\S*[^\s.,;:!?'")\]]`;

/** Texts in which Markdown finds nothing to do: its signs are escaped, and addresses are code, which is shown as it is. */
const plainMarkdown = (signs: string) => {
  const special = new RegExp(`(${ADDRESS})|([${signs}])`, "gi");
  return (text: string): string =>
    text
      .replaceAll("`", "'")
      .replace(special, (_all, address?: string, sign?: string) => (address ? `\`${address}\`` : `\\${sign}`));
};

/** What an alert leads to: what can be done about it first. */
const doorsOf = ({ run_url, repair_url }: Alert): { title: string; url: string }[] =>
  [
    { title: "Plan the repair", url: repair_url },
    { title: "Open the run", url: run_url },
  ].filter(({ url }) => url !== "");

/** Slack's own escapes; with them nothing is a manual link, a channel or a person. */
const slackText = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** Slack leaves addresses and names of channels in a verbatim text alone. */
const slackSection = (text: string) => ({ type: "section", text: { type: "mrkdwn", text, verbatim: true } });

const slackLinks = (alert: Alert): string =>
  doorsOf(alert)
    .map(({ title, url }) => `<${slackText(url)}|${title}>`)
    .join("  ");

const markdownLinks = (alert: Alert): string =>
  doorsOf(alert)
    .map(({ title, url }) => `[${title}](${url})`)
    .join(" · ");

const discordText = plainMarkdown("\\\\*_~|[\\]<>#");

/** Mattermost tells everybody for `@channel`, `@all` and `@here`: a word joiner after the sign keeps it from being one. */
const mattermostText = (text: string): string => plainMattermost(text).replaceAll("@", "@\u2060");
const plainMattermost = plainMarkdown("\\\\*_~|[\\]>#");

/** Cards know no escapes on every device, but only these two ways to a link. */
const teamsText = (text: string, look: object = {}) => ({
  type: "TextBlock",
  text: text.replaceAll("](", "] (").replace(/<(?=\S)/g, "< "),
  wrap: true,
  ...look,
});

/** Joins as many whole lines as fit, with `end` after them: a cut alert still leads to its run. */
function fit(limit: number, [first = "", ...lines]: readonly string[], end = ""): string {
  const tail = end === "" ? "" : `\n${end}`;
  let text = first.slice(0, limit - tail.length);
  for (const line of lines) {
    if (text.length + 1 + line.length + tail.length > limit) break;
    text += `\n${line}`;
  }
  return text + tail;
}

/** Characters of a Slack text object; a longer one is refused. */
const SLACK_LIMIT = 3_000;
/** Characters of Discord's `content`; a longer one is refused. */
const DISCORD_LIMIT = 2_000;
/** Characters of a post on a Mattermost whose database is old; a newer one takes 16,383, which nobody reads. */
const MATTERMOST_LIMIT = 4_000;

/**
 * Sources: Slack "Sending messages using incoming webhooks", "Text object" and "Formatting message text"; Discord "Execute Webhook"
 * and "Allowed Mentions"; Microsoft "Create incoming webhooks with Workflows", which take adaptive cards only, and the Adaptive
 * Cards schema (a card may have 28 kB, which is far away); Mattermost "Incoming webhooks".
 */
const FORMATS = {
  slack: {
    hosts: /(^|\.)(slack|slack-gov)\.com$/,
    body: (alert) => {
      const { headline, lines } = alert;
      const link = slackLinks(alert);
      const body = lines.length > 0 ? [slackSection(fit(SLACK_LIMIT, lines.map(slackText)))] : [];
      return {
        // What notifications show, and servers that take Slack's messages without its blocks.
        text: fit(SLACK_LIMIT, [headline, ...lines].map(slackText), link),
        blocks: [slackSection(`*${slackText(headline)}*`), ...body, ...(link ? [slackSection(link)] : [])],
        unfurl_links: false,
        unfurl_media: false,
      };
    },
  },
  discord: {
    hosts: /(^|\.)discord(app)?\.com$/,
    body: (alert) => ({
      content: fit(
        DISCORD_LIMIT,
        [`**${discordText(alert.headline)}**`, ...alert.lines.map(discordText)],
        doorsOf(alert)
          .map(({ title, url }) => `${title}: <${url}>`)
          .join("\n"),
      ),
      allowed_mentions: { parse: [] },
    }),
  },
  teams: {
    hosts:
      /(^|\.)(logic\.azure\.(com|us|cn)|api\.powerplatform\.com|powerplatform\.microsoft\.us|powerautomate\.com|webhook\.office\.com)$/,
    body: (alert) => ({
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
              teamsText(alert.headline, { weight: "Bolder", size: "Medium" }),
              ...alert.lines.map((line) => teamsText(line, { spacing: "Small" })),
            ],
            actions: doorsOf(alert).map((door) => ({ type: "Action.OpenUrl", ...door })),
          },
        },
      ],
    }),
  },
  mattermost: {
    hosts: /(^|\.)mattermost\./,
    body: (alert) => ({
      text: fit(
        MATTERMOST_LIMIT,
        [`**${mattermostText(alert.headline)}**\n`, ...alert.lines.map(mattermostText)],
        markdownLinks(alert),
      ),
    }),
  },
  json: { hosts: null, body: (alert) => alert },
} as const satisfies Record<string, Format>;

export type Service = keyof typeof FORMATS;

/** The service that a host belongs to; null for one that nobody knows. */
export function serviceAt(host: string): Service | null {
  const known = Object.entries<Format>(FORMATS).find(([, { hosts }]) => hosts?.test(host.toLowerCase()));
  return (known?.[0] as Service | undefined) ?? null;
}

/** The service whose body a webhook gets: the chosen one, else by its host, else plain JSON. */
export const serviceOf = (format: WebhookFormat, host: string): Service =>
  format === "auto" ? (serviceAt(host) ?? "json") : format;

/** The body of an alert for a service, as JSON. */
export const webhookBody = (service: Service, alert: Alert): unknown => FORMATS[service].body(alert);
