import type { WebhookFormat } from "../inputs/alert.ts";
import type { Address } from "./address.ts";
import type { Alert } from "./alert.ts";
import { linksOf, PAGERS } from "./pagers.ts";

/**
 * The bodies that incoming webhooks take, one row per service; those of pagers stand in pagers.ts. What the gateway said can stand in
 * an alert, so no text of it may become a mention, a link or markup; the only link is the one to the run.
 */

interface Format {
  /** Hosts that belong to the service; null for what runs anywhere. */
  hosts: RegExp | null;
  /** Whether what stands before the host is a key that goes into the body, and not HTTP's own sign-in. */
  keyed?: boolean;
  /** What is wrong with an address for this service, and what to store; null when nothing is. */
  slip?(address: Address): string | null;
  /** Where messages go, by the address that was stored; without it, there. */
  endpoint?(address: Address): URL;
  /**
   * For services that keep an incident of their own: whether they hear of each state `once`, or `again` at every check because they
   * take what is not repeated for over. Null or absent for those that only show messages.
   */
  hears?: "once" | "again" | null;
  body(alert: Alert, address: Address): unknown;
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

/** Slack's own escapes; with them nothing is a manual link, a channel or a person. */
const slackText = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** Slack leaves addresses and names of channels in a verbatim text alone. */
const slackSection = (text: string) => ({ type: "section", text: { type: "mrkdwn", text, verbatim: true } });

const slackLinks = (alert: Alert): string =>
  linksOf(alert)
    .map(({ title, url }) => `<${slackText(url)}|${title}>`)
    .join("  ");

const markdownLinks = (alert: Alert): string =>
  linksOf(alert)
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
const CHATS = {
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
        linksOf(alert)
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
            actions: linksOf(alert).map((door) => ({ type: "Action.OpenUrl", ...door })),
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

const FORMATS = { ...CHATS, ...PAGERS };

export type Service = keyof typeof FORMATS;

/** The service that a host belongs to; null for one that nobody knows. */
export function serviceAt(host: string): Service | null {
  const known = Object.entries<Format>(FORMATS).find(([, { hosts }]) => hosts?.test(host.toLowerCase()));
  return (known?.[0] as Service | undefined) ?? null;
}

/** The service whose body a webhook gets: the chosen one, else by its host, else plain JSON. */
export const serviceOf = (format: WebhookFormat, host: string): Service =>
  format === "auto" ? (serviceAt(host) ?? "json") : format;

/** How a service hears of an incident, see {@link Format.hears}. */
export const hearingOf = (service: Service): "once" | "again" | null => rowOf(service).hears ?? null;

/** What is wrong with an address for a service; null when nothing is. */
export const slipOf = (service: Service, address: Address): string | null => rowOf(service).slip?.(address) ?? null;

/** What is posted to tell an alert to a service. */
export interface Message {
  url: URL;
  headers: Record<string, string>;
  body: unknown;
}

/** The message of an alert for a service. */
export function messageFor(service: Service, alert: Alert, address: Address): Message {
  const { endpoint, keyed, body } = rowOf(service);
  const signedIn = address.user !== "" || address.password !== "";
  const basic = Buffer.from(`${address.user}:${address.password}`).toString("base64");
  return {
    url: endpoint?.(address) ?? address.url,
    headers: {
      "content-type": "application/json",
      ...(signedIn && !keyed ? { authorization: `Basic ${basic}` } : {}),
    },
    body: body(alert, address),
  };
}

const rowOf = (service: Service): Format => FORMATS[service];
