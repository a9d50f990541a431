import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { WEBHOOK_FORMATS } from "../../src/inputs/alert.ts";
import type { Alert } from "../../src/tell/alert.ts";
import { messageFor, type Service, serviceOf } from "../../src/tell/formats.ts";
import { ACKNOWLEDGE, alertOf, finding, PLACE, REPAIR } from "./alert_fixture.ts";

/** The body of an alert for a service, which chats get whatever their address is. */
const webhookBody = (service: Service, alert: Alert): unknown =>
  messageFor(service, alert, { url: new URL("https://hooks.example.com/topic"), user: "", password: "" }).body;

/** Slack's text object: https://docs.slack.dev/reference/block-kit/composition-objects/text-object */
const SLACK_SECTION = z.strictObject({
  type: z.literal("section"),
  text: z.strictObject({
    type: z.literal("mrkdwn"),
    text: z.string().min(1).max(3_000),
    verbatim: z.boolean().optional(),
  }),
});

/**
 * The bodies against what the services document: Slack "Sending messages using incoming webhooks" and "Text object", Discord "Execute Webhook",
 * Microsoft "Create incoming webhooks with Workflows" and the Adaptive Cards schema, Mattermost "Incoming webhooks". Strict:
 * a key that a service does not know would be refused by some of them.
 */
const DOCUMENTED = {
  slack: z.strictObject({
    text: z.string().min(1).max(40_000),
    blocks: z.array(SLACK_SECTION).min(1).max(50),
    unfurl_links: z.boolean().optional(),
    unfurl_media: z.boolean().optional(),
  }),
  discord: z.strictObject({
    content: z.string().min(1).max(2_000),
    allowed_mentions: z.strictObject({ parse: z.array(z.enum(["roles", "users", "everyone"])) }).optional(),
  }),
  teams: z.strictObject({
    type: z.literal("message"),
    attachments: z
      .array(
        z.strictObject({
          contentType: z.literal("application/vnd.microsoft.card.adaptive"),
          contentUrl: z.null(),
          content: z.strictObject({
            $schema: z.literal("http://adaptivecards.io/schemas/adaptive-card.json"),
            type: z.literal("AdaptiveCard"),
            version: z.enum(["1.2", "1.3", "1.4", "1.5"]),
            body: z.array(
              z.strictObject({
                type: z.literal("TextBlock"),
                text: z.string().min(1),
                wrap: z.boolean().optional(),
                weight: z.enum(["Lighter", "Default", "Bolder"]).optional(),
                size: z.enum(["Small", "Default", "Medium", "Large", "ExtraLarge"]).optional(),
                spacing: z.enum(["None", "Small", "Default", "Medium", "Large"]).optional(),
              }),
            ),
            actions: z.array(
              z.strictObject({ type: z.literal("Action.OpenUrl"), title: z.string().min(1), url: z.url() }),
            ),
          }),
        }),
      )
      .length(1),
  }),
  mattermost: z.strictObject({ text: z.string().min(1).max(16_383) }),
  json: z.looseObject({ kind: z.string(), status: z.string(), text: z.string(), findings: z.array(z.unknown()) }),
} as const;

/** The longest alert there can be: three findings with the longest lines, in every kind of text. */
const LONG = Array.from({ length: 9 }, (_, index) =>
  finding({ title: `${index} ${"lang & breit <x> ".repeat(60)}`, remedy: ["ü@[](".repeat(200)] }),
);

const textOf = (body: unknown): string => JSON.stringify(body);

for (const service of Object.keys(DOCUMENTED) as (keyof typeof DOCUMENTED)[]) {
  describe(`the body for ${service}`, () => {
    it("has the documented shape, of every kind of alert", () => {
      for (const kind of ["opening", "cause", "reminder", "recovery"] as const) {
        DOCUMENTED[service].parse(webhookBody(service, alertOf({ kind })));
      }
      DOCUMENTED[service].parse(webhookBody(service, alertOf({}, LONG)));
    });

    it("says what is wrong, what to do, and links to the run", () => {
      const text = textOf(webhookBody(service, alertOf()));
      for (const part of ["does not work", "gpt-5.5 is not served", "Let the key use gpt-5.5 again", PLACE.run_url]) {
        assert.ok(text.includes(part), part);
      }
    });

    it("leads to the run also when the text is cut", () => {
      assert.ok(textOf(webhookBody(service, alertOf({}, LONG))).includes(PLACE.run_url));
    });

    it("leads to the repair where a script can do it, also when the text is cut", () => {
      for (const findings of [[finding({ repairable: true })], LONG.map((one) => ({ ...one, repairable: true }))]) {
        const body = webhookBody(service, alertOf({}, findings));
        DOCUMENTED[service].parse(body);
        assert.ok(textOf(body).includes(REPAIR));
        assert.ok(textOf(body).includes(PLACE.run_url));
      }
    });

    it("does without a run that has no address", () => {
      const { run_url, ...alert } = alertOf();
      assert.equal(run_url, PLACE.run_url);
      DOCUMENTED[service].parse(webhookBody(service, { ...alert, run_url: "", acknowledge_url: "" }));
    });
  });
}

describe("what the gateway said", () => {
  const hostile = finding({
    title:
      "model <!channel> <@U1> <https://evil.example|x> @channel [log in](https://evil.example) https://evil.example/`a` www.evil.example & *more*",
  });
  const bodyFor = <S extends keyof typeof DOCUMENTED>(service: S) =>
    DOCUMENTED[service].parse(webhookBody(service, alertOf({}, [hostile]))) as z.infer<(typeof DOCUMENTED)[S]>;

  it("mentions nobody in Slack, and is no link there", () => {
    const { blocks, text } = bodyFor("slack");
    for (const { text: section } of blocks) assert.equal(section.verbatim, true);
    const links = [text, ...blocks.map((block) => block.text.text)].flatMap((one) => one.match(/<[^>]*>/g) ?? []);
    assert.deepEqual(
      [...new Set(links)],
      [`<${ACKNOWLEDGE.replace("&", "&amp;")}|Acknowledge>`, `<${PLACE.run_url}|Open the run>`],
    );
    assert.ok(text.includes("&lt;!channel&gt; &lt;@U1&gt;") && text.includes("&amp; *more*"));
  });

  it("mentions nobody in Discord, and is no link there", () => {
    const { content, allowed_mentions } = bodyFor("discord");
    assert.deepEqual(allowed_mentions, { parse: [] });
    assert.deepEqual(linksIn(content), [ACKNOWLEDGE, PLACE.run_url]);
    assert.ok(content.includes("\\<@U1\\>") && content.includes("\\*more\\*"));
  });

  it("mentions nobody in Mattermost, and is no link there", () => {
    const { text } = bodyFor("mattermost");
    assert.ok(!/@[a-z]/i.test(text));
    assert.deepEqual(linksIn(text), [ACKNOWLEDGE, PLACE.run_url]);
  });

  it("is no link in Teams", () => {
    const [attachment] = bodyFor("teams").attachments;
    for (const { text } of attachment?.content.body ?? []) assert.ok(!/\]\(|<\S/.test(text), text);
    assert.deepEqual(attachment?.content.actions, [
      { type: "Action.OpenUrl", title: "Acknowledge", url: ACKNOWLEDGE },
      { type: "Action.OpenUrl", title: "Open the run", url: PLACE.run_url },
    ]);
  });

  it("is code where an address stands in the way of a repair, so that it can be copied", () => {
    const repair = finding({ remedy: ["Set base_url to http://gateway:4000/v1."] });
    const { content } = DOCUMENTED.discord.parse(webhookBody("discord", alertOf({}, [repair])));
    assert.ok(content.includes("Set base\\_url to `http://gateway:4000/v1`."), content);
  });
});

/** What a service that reads Markdown makes links of: addresses outside of code. */
const linksIn = (markdown: string): string[] =>
  markdown.replace(/`[^`]*`/g, "").match(/(https?:\/\/|www\.)[^\s)>]+/g) ?? [];

describe("the service of a webhook", () => {
  for (const [host, service] of [
    ["hooks.slack.com", "slack"],
    ["hooks.slack-gov.com", "slack"],
    ["discord.com", "discord"],
    ["canary.discordapp.com", "discord"],
    ["prod-23.westeurope.logic.azure.com", "teams"],
    ["default0a1b.fe.environment.api.powerplatform.com", "teams"],
    ["contoso.webhook.office.com", "teams"],
    ["environment.api.gov.powerplatform.microsoft.us", "teams"],
    ["team.cloud.mattermost.com", "mattermost"],
    ["mattermost.example.com", "mattermost"],
    ["HOOKS.SLACK.COM", "slack"],
    ["events.pagerduty.com", "pagerduty"],
    ["events.eu.pagerduty.com", "pagerduty"],
    ["alertmanager", "alertmanager"],
    ["alertmanager.monitoring.svc", "alertmanager"],
    ["ntfy.sh", "ntfy"],
    ["ntfy.example.com", "ntfy"],
    ["notntfy.sh", "json"],
    ["hooks.slack.com.evil.example", "json"],
    ["notslack.com", "json"],
    ["alerts.example.com", "json"],
  ] as const) {
    it(`at ${host} is ${service}`, () => assert.equal(serviceOf("auto", host), service));
  }

  it("is what was chosen, whatever the host", () => {
    for (const format of WEBHOOK_FORMATS.filter((one) => one !== "auto")) {
      assert.equal(serviceOf(format, "hooks.slack.com"), format);
    }
  });
});
