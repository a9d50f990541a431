import { commandOf, type Draft, outage } from "./generate.ts";
import { type Filled, type GatewayChange, SECRETS, type Setup } from "./history.ts";
import type { Random } from "./random.ts";

/**
 * Biases of the generator: each is a situation that is rare in a history at random, with all the rest still at random. A reading of
 * version 0.1.0 found a defect in each; the number is that of its report.
 */
export interface Focus {
  /** What it is about, as a sentence. */
  about: string;
  /** The actions of a history; it may change the setup too. */
  actions(luck: Random, setup: Setup): Draft[];
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const gateway = (at: number, change: GatewayChange): Draft => ({ kind: "gateway", at, gateway: "A", change }) as Draft;
const draft = (action: object): Draft => action as Draft;

/** A calm workspace for so long, with a connection that is watched. */
function connected(luck: Random, setup: Setup, lengthMs: number, more: Filled = {}): Draft[] {
  Object.assign(setup, {
    lengthMs,
    style: lengthMs > 5 * HOUR ? "a day" : lengthMs > HOUR ? "some hours" : "an hour",
    others: "none",
    noise: 0,
  });
  setup.models.A = setup.models.A.slice(0, 3);
  while (setup.models.A.length < 3)
    setup.models.A.push(["gpt-5.5", "gpt-6-luna", "gpt-6-terra"][setup.models.A.length] as string);
  setup.workers = [{ skewMs: luck.int(-300, 300) }];
  const filled: Filled = {
    base: "A",
    key: "A1",
    keyAs: "typed",
    schedule: "every 5 minutes",
    alert_webhook_path: "u/admin/alert_webhook",
    ...more,
  };
  return [commandOf(5_000, "connect", filled, { id: "first" })];
}

const brokenTools = (at: number): Draft => gateway(at, { what: "fails", faults: [{ name: "ignores_tools" }] });
const later = (luck: Random, setup: Setup): Filled => ({
  ...{
    base: "A",
    models: setup.models.A.slice(1),
    default_model: setup.models.A[1],
    headers: { "x-team": "windmill" },
  },
  ...(luck.chance(0.5) ? { key: "A2", keyAs: "typed", replace_secret: true } : {}),
});

export const FOCUSES: Readonly<Record<string, Focus>> = {
  "01-alternating-outage": {
    about: "a warning stands, then an outage whose cause changes from tick to tick",
    actions(luck, setup) {
      const start = connected(luck, setup, 3 * HOUR);
      const causes: GatewayChange[] = [{ what: "fails", faults: [{ name: "proxy_502" }] }, { what: "down" }];
      const drafts = [...start, gateway(12 * MINUTE, { what: "drops", model: setup.models.A[2] as string })];
      for (let tick = 0; tick < 24; tick++)
        drafts.push(
          gateway((42 + 5 * tick) * MINUTE, { what: "heals" }),
          gateway((42 + 5 * tick) * MINUTE + 1, causes[tick % 2] as GatewayChange),
        );
      return drafts;
    },
  },
  "02-edit-while-features-are-broken": {
    about: "tools are broken and told; long after, somebody edits the settings",
    actions: (luck, setup) => [
      ...connected(luck, setup, 5 * HOUR),
      brokenTools(3_000),
      draft({
        kind: "hand",
        at: luck.int(75, 150) * MINUTE,
        who: "admin",
        edit: luck.pick(["prompt", "header", "otherModel"]),
      }),
    ],
  },
  "03-shallow-run-by-hand": {
    about: "tools are broken and told; somebody runs the flow by hand with depth free",
    actions: (luck, setup) => [
      ...connected(luck, setup, 5 * HOUR),
      brokenTools(3_000),
      draft({
        kind: "flow",
        at: (5 * luck.int(15, 30) - 2) * MINUTE,
        who: "admin",
        depth: luck.pick(["free", "chat"]),
      }),
    ],
  },
  "04-check-cannot-look": {
    about: "Windmill refuses something that each tick needs, for an hour, while the gateway is down",
    actions(luck, setup) {
      const match = luck.pick(["GET /api/w/team/users/whoami", "POST /api/w/team/resources/create"]);
      const trouble = draft({
        kind: "windmill",
        at: 17 * MINUTE,
        match,
        status: luck.pick([500, 403]),
        ms: 55 * MINUTE,
        says: "Internal: no connection to the database",
      });
      return [
        ...connected(luck, setup, 80 * MINUTE),
        trouble,
        gateway(18 * MINUTE, { what: "down" }),
        draft({ kind: "look", at: 55 * MINUTE }),
        draft({ kind: "look", at: 70 * MINUTE }),
      ];
    },
  },
  "05-many-models-hang": {
    about: "a gateway with many models accepts requests and never answers",
    actions(luck, setup) {
      const start = connected(luck, setup, HOUR);
      setup.models.A = Array.from({ length: luck.pick([75, 120, 200]) }, (_, index) => `gpt-6-m${index}`);
      return [...start, gateway(luck.int(7, 30) * MINUTE, { what: "fails", faults: [{ name: "hang" }] })];
    },
  },
  "06-undo-after-death": {
    about: "a change dies, is run again, and is undone",
    actions(luck, setup) {
      const kills = [{ call: luck.int(8, 75), when: luck.pick(["before", "after"] as const), restarts: false }];
      const again = luck.chance(0.6)
        ? commandOf(8 * MINUTE, "connect", later(luck, setup))
        : commandOf(8 * MINUTE, "repair", { depth: "chat" });
      const second = commandOf(4 * MINUTE, "connect", later(luck, setup), { kills });
      return [
        ...connected(luck, setup, 30 * MINUTE),
        second,
        again,
        commandOf(14 * MINUTE, "undo"),
        commandOf(18 * MINUTE, "undo"),
        commandOf(22 * MINUTE, "connect", later(luck, setup)),
      ];
    },
  },
  "07-first-connect-over-a-resource": {
    about: "connect takes over a resource that Windmill's own page made, and is undone",
    actions: (luck, setup) => [
      draft({ kind: "hand", at: 1_000, who: "admin", edit: "ownResource" }),
      ...connected(luck, setup, 30 * MINUTE, { replace_secret: true }),
      commandOf(6 * MINUTE, "undo"),
    ],
  },
  "08-workers-cannot-reach-the-gateway": {
    about: "a private gateway that the server may reach and the workers may not",
    actions(luck, setup) {
      const start = connected(luck, setup, 30 * MINUTE);
      setup.allowPrivate = { server: true, worker: false };
      return [
        gateway(1_000, { what: "moves", private: true }),
        ...start,
        commandOf(5 * MINUTE, "rotate_key", { key: "A2", keyAs: "typed" }),
      ];
    },
  },
  "09-limited-key": {
    about: "a key with a limit that is below what Windmill reserves, or that a check uses up by itself",
    actions(luck, setup) {
      const limits = luck.pick([
        { max_tokens_per_day: 100_000 },
        { max_requests_per_minute: 10 },
        { max_requests_per_minute: 5 },
      ] as Record<string, number>[]);
      const start = connected(luck, setup, 40 * MINUTE);
      setup.models.A = ["gpt-5.5", "gpt-6-luna", "gpt-6-terra"];
      setup.askEveryMs = 20 * MINUTE;
      return [gateway(1_000, { what: "limits", key: "A1", limits }), ...start];
    },
  },
  "10-address-changes": {
    about: "connect moves a workspace in use to another gateway",
    actions: (luck, setup) => [
      ...connected(luck, setup, 20 * MINUTE),
      commandOf(6 * MINUTE, "connect", { base: "B", key: "B1", keyAs: "typed", replace_secret: true }),
    ],
  },
  "11-same-job-again": {
    about: "a worker dies in a change and Windmill starts the job again",
    actions: (luck, setup) => [
      ...connected(luck, setup, 20 * MINUTE),
      commandOf(6 * MINUTE, "connect", later(luck, setup), {
        kills: [{ call: luck.int(8, 70), when: luck.pick(["before", "after"] as const), restarts: true }],
      }),
    ],
  },
  "12-key-is-repeated": {
    about: "the gateway repeats the key that it refuses",
    actions: (luck, setup) => [
      ...connected(luck, setup, 40 * MINUTE),
      gateway(7 * MINUTE, { what: "fails", faults: [{ name: "key_in_error" }] }),
      commandOf(22 * MINUTE, "repair"),
      draft({ kind: "look", at: 30 * MINUTE }),
    ],
  },
  "13-secret-in-the-address": {
    about: "somebody writes a password or a key into the address",
    actions: (luck, setup) => [
      ...connected(luck, setup, 40 * MINUTE),
      draft({ kind: "hand", at: 7 * MINUTE, who: "admin", edit: luck.pick(["password", "query"]) }),
      commandOf(18 * MINUTE, "repair", {}, { mode: "plan" }),
      draft({ kind: "look", at: 30 * MINUTE }),
    ],
  },
  "14-secret-in-a-header": {
    about: "a header carries a credential",
    actions: (luck, setup) => [
      ...connected(luck, setup, 30 * MINUTE),
      commandOf(
        6 * MINUTE,
        "connect",
        {
          base: "A",
          headers: {
            [luck.pick([
              "Ocp-Apim-Subscription-Key",
              "X-Functions-Key",
              "X-Vault-Token",
              "x-auth-key",
              "Helicone-Auth",
              "X-Secret",
            ])]: SECRETS["the credential in a header"],
          },
        },
        { mode: luck.pick(["plan", "apply"]) },
      ),
      commandOf(12 * MINUTE, "undo", {}, { mode: "plan" }),
    ],
  },
  "15-raw-key-with-a-slip": {
    about: "a program gives the key in clear, with a slip in another field",
    actions: (luck, setup) => [
      ...connected(luck, setup, 10 * MINUTE),
      commandOf(3 * MINUTE, "connect", {
        base: "A",
        key: "A2",
        keyAs: "raw",
        ...luck.pick([{ models: "gpt-5.5" }, { webhook_format: "fax" }, { alert_runnable: "somewhere" }]),
      }),
    ],
  },
  "16-disconnect-with-records": {
    about: "disconnect keeps the records; then a repair",
    actions: (luck, setup) => [
      ...connected(luck, setup, 30 * MINUTE),
      commandOf(6 * MINUTE, "disconnect", { keep_records: true }),
      ...(luck.chance(0.5) ? [draft({ kind: "hand", at: 8 * MINUTE, who: "boss", edit: "otherTeam" })] : []),
      commandOf(10 * MINUTE, "repair"),
    ],
  },
  "17-blank-fields": {
    about: "connect is run again for one thing, with all else left blank, by the same admin or another one",
    actions: (luck, setup) => [
      ...connected(luck, setup, 20 * MINUTE, { models: ["gpt-6-luna"], headers: { "x-team": "windmill" } }),
      commandOf(6 * MINUTE, "connect", { base: "A", schedule: "every 10 minutes" }),
      commandOf(12 * MINUTE, "connect", { base: "A", key: "A2", keyAs: "typed" }, { who: "boss" }),
    ],
  },
  "18-default-is-another-provider": {
    about: "the workspace's default model is another provider's, and the key is revoked",
    actions(luck, setup) {
      const start = connected(luck, setup, HOUR, { default_model: "" });
      setup.others = "default";
      return [...start, gateway(12 * MINUTE, { what: "key", key: "A1", state: "revoked" })];
    },
  },
  "19-slow-webhook": {
    about: "the webhook takes messages and answers too late",
    actions: (luck, setup) => [
      ...connected(luck, setup, 3 * HOUR),
      draft({ kind: "webhook", at: 2 * MINUTE, mode: luck.pick(["slow", "silent"]) }),
      gateway(12 * MINUTE, { what: "down" }),
    ],
  },
  "21-redirect": {
    about: "the gateway's front redirects to another port, where something answers",
    actions: (luck, setup) => [
      ...connected(luck, setup, 30 * MINUTE),
      gateway(7 * MINUTE, { what: "redirects", to: "another port" }),
      commandOf(11 * MINUTE, "repair"),
    ],
  },
  "22-schedule-is-put-back": {
    about: "another admin's change of the interval fails and is put back",
    actions(luck, setup) {
      const down = [gateway(6 * MINUTE + luck.int(300, 3_000), { what: "down" }), gateway(9 * MINUTE, { what: "up" })];
      return [
        ...connected(luck, setup, 20 * MINUTE),
        commandOf(
          6 * MINUTE,
          "connect",
          {
            base: "A",
            key: "A2",
            keyAs: "typed",
            schedule: "every 15 minutes",
            resource_path: "u/admin/codex_pooler_windmill_codegen",
            secret_path: "u/admin/codex_pooler_windmill_codegen",
            replace_secret: true,
          },
          { who: "boss" },
        ),
        ...down,
      ];
    },
  },
  "23-slow-models": {
    about: "many models that take long to answer",
    actions(luck, setup) {
      const start = connected(luck, setup, 40 * MINUTE);
      setup.models.A = Array.from({ length: 30 }, (_, index) => `gpt-6-m${index}`);
      return [
        ...start,
        gateway(7 * MINUTE, { what: "slow", ms: 9_000 }),
        draft({ kind: "flow", at: 12 * MINUTE, who: "admin", depth: "chat" }),
      ];
    },
  },
  "24-rotation-dies": {
    about: "a rotation dies and nobody completes it",
    actions: (luck, setup) => [
      ...connected(luck, setup, 40 * MINUTE),
      commandOf(
        6 * MINUTE,
        "rotate_key",
        { key: "A2", keyAs: "typed" },
        { kills: [{ call: luck.int(20, 80), when: "after", restarts: false }] },
      ),
      commandOf(14 * MINUTE, "repair"),
    ],
  },
  "25-large-reports": {
    about: "two hundred models that all fail",
    actions(luck, setup) {
      const start = connected(luck, setup, 30 * MINUTE);
      setup.models.A = Array.from({ length: 200 }, (_, index) => `gpt-6-m${index}-${luck.int(1000, 9999)}`);
      return [
        ...start,
        gateway(7 * MINUTE, { what: "key", key: "A1", state: "revoked" }),
        commandOf(12 * MINUTE, "repair", {}, { mode: "plan" }),
      ];
    },
  },
  "28-disconnect-during-a-tick": {
    about: "disconnect removes the records while a tick is under way",
    actions: (luck, setup) => [
      ...connected(luck, setup, 20 * MINUTE),
      commandOf(10 * MINUTE + luck.int(-200, 500), "disconnect"),
    ],
  },
  "29-clocks-differ": {
    about: "two workers whose clocks differ by more than an interval",
    actions(luck, setup) {
      const start = connected(luck, setup, 2 * HOUR);
      setup.workers = [{ skewMs: 0 }, { skewMs: luck.int(5, 9) * MINUTE }];
      return [...start, ...outage(luck, setup, "A", luck.int(20, 60) * MINUTE, 90 * MINUTE, HOUR)];
    },
  },
  "35-outages-beside-a-warning": {
    about: "a warning stands for days, and outages come and go",
    actions(luck, setup) {
      const start = connected(luck, setup, 30 * HOUR, { schedule: "every 15 minutes" });
      setup.askEveryMs = 20 * MINUTE;
      const outages = [2, 9, 17, 24].flatMap((hour) => [
        gateway(hour * HOUR, { what: "down" }),
        gateway((hour + 2) * HOUR, { what: "up" }),
      ]);
      return [...start, gateway(HOUR, { what: "drops", model: setup.models.A[2] as string }), ...outages];
    },
  },
  "37-outage-while-features-are-broken": {
    about: "tools are broken and told; the gateway is restarted, and they are still broken",
    actions: (luck, setup) => [
      ...connected(luck, setup, 4 * HOUR),
      brokenTools(3_000),
      gateway(18 * MINUTE, { what: "down" }),
      gateway(luck.int(40, 90) * MINUTE, { what: "up" }),
    ],
  },
  "50-change-of-everything": {
    about: "connect changes key, models and headers of a connection in use",
    actions: (luck, setup) => {
      const start = connected(luck, setup, 20 * MINUTE);
      return [
        ...start,
        commandOf(6 * MINUTE, "connect", { ...later(luck, setup), key: "A2", keyAs: "typed", replace_secret: true }),
        commandOf(12 * MINUTE, "undo"),
      ];
    },
  },
  "51-wrong-key": {
    about: "somebody rotates to a key that the gateway refuses",
    actions: (luck, setup) => [
      ...connected(luck, setup, 20 * MINUTE),
      commandOf(6 * MINUTE, "rotate_key", { key: "wrong", keyAs: "typed" }),
      commandOf(12 * MINUTE, "connect", { base: "A", key: "wrong", keyAs: "typed", replace_secret: true }),
    ],
  },
  "52-undo": {
    about: "changes are undone, one after the other",
    actions: (luck, setup) => [
      ...connected(luck, setup, 30 * MINUTE),
      commandOf(6 * MINUTE, "connect", later(luck, setup)),
      commandOf(10 * MINUTE, "undo", {}, { mode: "plan" }),
      commandOf(12 * MINUTE, "undo"),
      commandOf(18 * MINUTE, "undo"),
    ],
  },
  "53-nobody-watches": {
    about: "the schedule is switched off by hand, and somebody looks at the page later",
    actions: (luck, setup) => [
      ...connected(luck, setup, 3 * HOUR),
      draft({
        kind: "hand",
        at: luck.int(12, 30) * MINUTE,
        who: "admin",
        edit: luck.pick(["scheduleOff", "scheduleGone"]),
      }),
      draft({ kind: "look", at: 100 * MINUTE }),
      draft({ kind: "look", at: 170 * MINUTE }),
    ],
  },
};
