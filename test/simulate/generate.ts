import type { FaultName } from "../standins/gateway/pooler.ts";
import { TROUBLES, type Trouble } from "./calls.ts";
import { EDITS } from "./edits.ts";
import { FOCUSES } from "./focus.ts";
import {
  type Action,
  type Command,
  type Filled,
  type GatewayChange,
  type GatewayName,
  type History,
  type KeyName,
  type Person,
  SECRETS,
  type Setup,
} from "./history.ts";
import type { Kill } from "./jobs.ts";
import { type Random, random } from "./random.ts";

/** Makes a history of a seed. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** An action without what is the same for all; `at` is milliseconds from the beginning. */
export type Draft = Omit<Action, "id"> & { id?: string };

/** Causes by what they hurt: everything, chats, or features only. */
export const CAUSES: Readonly<Record<"all" | "chat" | "features", readonly FaultName[]>> = {
  all: [
    "proxy_502",
    "settings_unavailable",
    "internal_error",
    "html_200",
    "login_200",
    "hang",
    "key_in_error",
    "access_denied",
    "empty_object_200",
    "not_json_200",
  ],
  chat: [
    "no_eligible_backend",
    "quota_exhausted",
    "upstream_500",
    "upstream_429",
    "server_is_overloaded",
    "rate_limit_exceeded",
    "upstream_401",
    "gateway_accounting_failed",
    "empty_content",
  ],
  features: [
    "ignores_tools",
    "bad_tool_arguments",
    "unknown_tool",
    "stream_cut",
    "refuses_replayed_tool_calls",
    "stream_without_end",
  ],
};

/** About how many calls a command makes, from which the moments of its death are drawn. */
const CALLS: Record<Command, number> = { connect: 75, repair: 80, rotate_key: 90, undo: 55, disconnect: 45 };

/** Forms of keys, of which only the first is one of Codex Pooler's. */
const KEY_FORMS: readonly ((luck: Random) => string)[] = [
  (luck) => `sk-cxp-${letters(luck, "0123456789abcdef", 12)}-${letters(luck, ALPHABET, 43)}`,
  (luck) => `vk_live_${letters(luck, ALPHABET, 32)}`,
  (luck) => letters(luck, "0123456789abcdef", 32),
  (luck) => `gsk_${letters(luck, ALPHABET, 48)}`,
  (luck) => `sk-${letters(luck, ALPHABET, 40)}`,
];
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const letters = (luck: Random, from: string, count: number): string =>
  Array.from({ length: count }, () => from[luck.int(0, from.length - 1)]).join("");

/** The history of a seed, or of a seed within a focus: the same for the same arguments, everywhere. */
export function generate(seed: number, focus: string | null = null): History {
  const luck = random(`history ${seed} ${focus ?? ""}`);
  const setup = setupOf(luck.fork("setup"));
  const history: History = { seed, focus, setup, actions: [] };
  const drafts = focus === null ? actionsOf(luck.fork("actions"), setup) : focusOf(focus)(luck.fork("actions"), setup);
  history.actions = numbered(drafts);
  return history;
}

function focusOf(name: string): (luck: Random, setup: Setup) => Draft[] {
  const focus = FOCUSES[name];
  if (!focus) throw new Error(`There is no focus "${name}". There are: ${Object.keys(FOCUSES).join(", ")}`);
  return focus.actions;
}

/** In the order of time, each with an id. */
export function numbered(drafts: readonly Draft[]): Action[] {
  return [...drafts]
    .map((draft, index) => ({ draft, index }))
    .sort((a, b) => a.draft.at - b.draft.at || a.index - b.index)
    .map(({ draft }, index) => ({ ...draft, at: Math.round(draft.at), id: draft.id ?? `a${index + 1}` }) as Action);
}

function setupOf(luck: Random): Setup {
  const style = luck.weighted([
    [77, "an hour"],
    [18, "some hours"],
    [3.5, "a day"],
    [1.5, "some weeks"],
  ] as const);
  const lengthMs = {
    "an hour": HOUR,
    "some hours": luck.int(2, 4) * HOUR,
    "a day": DAY,
    "some weeks": luck.int(8, 15) * DAY,
  }[style];
  const count = luck.weighted([
    [80, 3],
    [8, 1],
    [10, 12],
    [style === "an hour" ? 2 : 0, 200],
  ] as const);
  const form = luck.pick(KEY_FORMS);
  const model = (index: number) => ["gpt-5.5", "gpt-6-luna", "gpt-6-terra"][index] ?? `gpt-6-m${index}`;
  return {
    style,
    lengthMs,
    workers: Array.from({ length: luck.int(1, 3) }, () => ({
      skewMs: luck.chance(0.75) ? luck.int(-400, 400) : luck.int(-200_000, 200_000),
    })),
    allowPrivate: { server: luck.chance(0.5), worker: luck.chance(0.3) },
    others: luck.weighted([
      [40, "none"],
      [40, "some"],
      [20, "default"],
    ] as const),
    models: {
      A: Array.from({ length: count }, (_, index) => model(index)),
      B: luck.chance(0.5)
        ? Array.from({ length: count }, (_, index) => model(index))
        : ["b-large", "b-small", "gpt-5.5"],
    },
    keys: Object.fromEntries(
      (["A1", "A2", "B1", "B2", "wrong"] as const).map((name) => [
        name,
        (name.startsWith("A") || luck.chance(0.5) ? form : luck.pick(KEY_FORMS))(luck),
      ]),
    ) as Setup["keys"],
    askEveryMs:
      style === "some weeks" ? 40 * MINUTE : style === "a day" ? 4 * MINUTE : luck.pick([15_000, 40_000, 90_000]),
    noise: luck.chance(0.25) ? 0.004 : 0,
  };
}

/** A command without what befalls it. */
export function commandOf(
  at: number,
  command: Command,
  filled: Filled = {},
  more: Partial<Extract<Action, { kind: "command" }>> = {},
): Draft {
  return {
    kind: "command",
    at,
    who: "admin",
    command,
    mode: "apply",
    filled,
    kills: [],
    troubles: [],
    ...more,
  } as Draft;
}

/** What befalls a command, sometimes. */
function mishaps(luck: Random, command: Command): { kills: Kill[]; troubles: [number, Trouble][] } {
  const kills: Kill[] = [];
  const troubles: [number, Trouble][] = [];
  if (luck.chance(0.3)) {
    do {
      kills.push({
        call: luck.int(1, luck.chance(0.8) ? CALLS[command] : 2 * CALLS[command]),
        when: luck.pick(["before", "after"]),
        restarts: luck.chance(0.6),
      });
    } while (kills.length < 4 && luck.chance(0.25));
  } else if (luck.chance(0.25)) troubles.push([luck.int(1, CALLS[command]), luck.pick(TROUBLES)]);
  return { kills, troubles };
}

const SCHEDULES = ["every 5 minutes", "every 10 minutes", "every 15 minutes", "hourly"] as const;

/** The interval that suits the length of a history. */
export const intervalFor = (setup: Setup, luck: Random): string =>
  ({
    "an hour": "every 5 minutes",
    "some hours": luck.pick(SCHEDULES.slice(0, 3)),
    "a day": "every 15 minutes",
    "some weeks": "hourly",
  })[setup.style];

/** What somebody fills into the form of a command. */
function filledFor(luck: Random, command: Command, setup: Setup): Filled {
  const filled: Filled = {};
  if (command === "connect") {
    filled.base = luck.chance(0.75) ? "A" : "B";
    const own = filled.base === "A" ? (["A1", "A2"] as const) : (["B1", "B2"] as const);
    if (luck.chance(0.7))
      Object.assign(filled, {
        key: luck.chance(0.9) ? luck.pick(own) : luck.pick(["wrong", "A1", "B1"] as const),
        keyAs: luck.weighted([
          [75, "typed"],
          [15, "raw"],
          [10, "stored"],
        ] as const),
      });
    if (filled.keyAs === "stored") filled.key = "A2";
    if (luck.chance(0.6)) filled.replace_secret = true;
    if (luck.chance(0.25)) filled.models = setup.models[filled.base].slice(0, luck.int(1, 2));
    if (luck.chance(0.2))
      filled.headers = luck.weighted([
        [60, { "x-team": "windmill" }],
        [40, { "Ocp-Apim-Subscription-Key": SECRETS["the credential in a header"] }],
      ] as const);
    if (luck.chance(0.3)) filled.schedule = luck.chance(0.85) ? intervalFor(setup, luck) : "off";
    if (luck.chance(0.15)) filled.default_model = luck.pick(setup.models[filled.base]);
    if (luck.chance(0.3)) filled.alert_webhook_path = "u/admin/alert_webhook";
    if (luck.chance(0.08)) filled.resource_path = "f/codex_pooler/gateway";
  }
  if (command === "rotate_key") {
    const key: KeyName = luck.weighted([
      [60, "A2"],
      [15, "A1"],
      [15, "wrong"],
      [10, "B1"],
    ] as const);
    Object.assign(
      filled,
      key === "A2" && luck.chance(0.3) ? { key, keyAs: "stored" } : { key, keyAs: luck.chance(0.85) ? "typed" : "raw" },
    );
  }
  if (command === "repair") {
    if (luck.chance(0.4)) filled.depth = "chat";
    if (luck.chance(0.2)) filled.accept_drift = true;
  }
  if (command === "undo") {
    if (luck.chance(0.4)) filled.nth = luck.int(0, 3);
    if (luck.chance(0.2)) filled.overwrite = true;
  }
  if (command === "disconnect") {
    if (luck.chance(0.4)) filled.keep_records = true;
    if (setup.others !== "none" && luck.chance(0.3)) filled.default_model = "openai:gpt-4o";
  }
  return filled;
}

const COMMANDS: readonly (readonly [number, Command])[] = [
  [40, "connect"],
  [22, "repair"],
  [14, "rotate_key"],
  [14, "undo"],
  [8, "disconnect"],
];

/** One cause, told to a gateway. */
export function causeOf(
  luck: Random,
  setup: Setup,
  depth: "all" | "chat" | "features" = luck.weighted([
    [50, "all"],
    [30, "chat"],
    [20, "features"],
  ] as const),
): GatewayChange {
  if (depth === "all" && luck.chance(0.35)) return { what: luck.pick(["down", "down", "away"] as const) };
  const name = luck.pick(CAUSES[depth]);
  const model = depth === "chat" && luck.chance(0.5) ? { model: luck.pick(setup.models.A) } : {};
  const more = luck.chance(0.25) ? [{ name: luck.pick(CAUSES[luck.pick(["chat", "features"] as const)]) }] : [];
  return { what: "fails", faults: [{ name, ...model }, ...more] };
}

/** An outage of a gateway from one time to another, with causes that change on the way. */
export function outage(
  luck: Random,
  setup: Setup,
  gateway: GatewayName,
  from: number,
  to: number,
  everyMs: number,
): Draft[] {
  const drafts: Draft[] = [];
  const causes = Array.from({ length: luck.int(1, 3) }, () => causeOf(luck, setup));
  for (let at = from, index = 0; at < to; at += everyMs, index++) {
    drafts.push({ kind: "gateway", at, gateway, change: { what: "heals" } } as Draft);
    drafts.push({ kind: "gateway", at: at + 1, gateway, change: causes[index % causes.length] } as Draft);
  }
  drafts.push({ kind: "gateway", at: to, gateway, change: { what: "heals" } } as Draft);
  return drafts;
}

/** Everything at random, as often as it suits the length of the history. */
function actionsOf(luck: Random, setup: Setup): Draft[] {
  const { lengthMs, style } = setup;
  const drafts: Draft[] = [];
  const isLong = style === "some weeks" || style === "a day";
  if (luck.chance(0.06)) drafts.push({ kind: "hand", at: 1_000, who: "admin", edit: "ownResource" } as Draft);
  const first: Filled = {
    base: "A",
    key: "A1",
    keyAs: "typed",
    schedule: intervalFor(setup, luck),
    alert_webhook_path: "u/admin/alert_webhook",
  };
  if (setup.others !== "default" && luck.chance(0.2)) first.models = setup.models.A.slice(0, 2);
  if (luck.chance(0.2)) first.headers = { "x-team": "windmill" };
  if (luck.chance(0.15)) first.watch = { failures_before_alert: luck.int(1, 3) };
  drafts.push(commandOf(5_000, "connect", first, luck.chance(0.15) ? mishaps(luck, "connect") : {}));
  if (luck.chance(0.3)) drafts.push(commandOf(100_000, "connect", first));

  const count = style === "an hour" ? luck.int(3, 9) : style === "some hours" ? luck.int(5, 14) : luck.int(4, 12);
  for (let index = 0; index < count; index++) {
    const at = luck.int(2 * MINUTE, lengthMs - MINUTE);
    const command = luck.weighted(COMMANDS);
    const who: Person = luck.chance(0.8) ? "admin" : "boss";
    const filled = filledFor(luck, command, setup);
    const id = `c${index + 1}`;
    const kind = luck.weighted([
      [62, "apply"],
      [14, "plan, then apply"],
      [16, "twice"],
      [8, "both at once"],
    ] as const);
    if (kind === "plan, then apply") {
      drafts.push(commandOf(at, command, filled, { id, who, mode: "plan" }));
      if (luck.chance(0.35))
        drafts.push({ kind: "hand", at: at + 15_000, who, edit: luck.pick(Object.keys(EDITS)) } as Draft);
      drafts.push(
        commandOf(at + 30_000, command, filled, { id: `${id}b`, who, planOf: id, ...mishaps(luck, command) }),
      );
      continue;
    }
    drafts.push(commandOf(at, command, filled, { id, who, ...mishaps(luck, command) }));
    if (kind === "twice")
      drafts.push({
        kind: "again",
        at: at + luck.int(20_000, 6 * MINUTE),
        of: id,
        who,
        kills: [],
        troubles: [],
      } as unknown as Draft);
    if (kind === "both at once") {
      const other = luck.weighted(COMMANDS);
      drafts.push(
        commandOf(at + luck.int(100, 20_000), other, filledFor(luck, other, setup), {
          who: who === "admin" ? "boss" : "admin",
          ...mishaps(luck, other),
        }),
      );
    }
  }
  const outages = isLong ? luck.int(3, 10) : luck.int(0, 3);
  for (let index = 0; index < outages; index++) {
    const from = luck.int(4 * MINUTE, lengthMs - MINUTE);
    const length = isLong ? luck.int(20 * MINUTE, 20 * HOUR) : luck.int(2 * MINUTE, 40 * MINUTE);
    const step =
      style === "some weeks" ? luck.int(1, 6) * HOUR : luck.pick([5 * MINUTE, 5 * MINUTE, 12 * MINUTE, 60 * MINUTE]);
    drafts.push(...outage(luck, setup, luck.chance(0.8) ? "A" : "B", from, Math.min(from + length, lengthMs), step));
  }
  const small = isLong ? luck.int(4, 14) : luck.int(1, 7);
  for (let index = 0; index < small; index++)
    drafts.push(...event(luck, setup, luck.int(2 * MINUTE, lengthMs - MINUTE)));
  return drafts;
}

/** Something smaller, with what ends it. */
function event(luck: Random, setup: Setup, at: number): Draft[] {
  const gateway: GatewayName = luck.chance(0.8) ? "A" : "B";
  const change = (when: number, what: GatewayChange): Draft =>
    ({ kind: "gateway", at: when, gateway, change: what }) as Draft;
  const later = at + luck.int(3 * MINUTE, setup.lengthMs >> 2);
  const hand = (): Draft =>
    ({ kind: "hand", at, who: luck.chance(0.7) ? "admin" : "boss", edit: luck.pick(Object.keys(EDITS)) }) as Draft;
  const key: KeyName = gateway === "A" ? luck.pick(["A1", "A2"] as const) : luck.pick(["B1", "B2"] as const);
  const model = luck.pick(setup.models[gateway]);
  return luck.weighted<() => Draft[]>([
    [30, () => [hand()]],
    [8, () => [change(at, { what: "drops", model }), change(later, { what: "serves", model })]],
    [
      6,
      () => [
        change(at, { what: "key", key, state: luck.pick(["revoked", "paused", "expired"] as const) }),
        ...(luck.chance(0.6) ? [change(later, { what: "key", key, state: "active" })] : []),
      ],
    ],
    [
      6,
      () => [
        change(at, {
          what: "limits",
          key,
          limits: luck.pick([
            { max_tokens_per_day: 100_000 },
            { max_requests_per_minute: 5 },
            { max_requests_per_minute: 12 },
            { max_tokens_per_day: 2_000_000 },
          ]),
        }),
        change(later, { what: "limits", key, limits: {} }),
      ],
    ],
    [
      6,
      () => [
        change(at, { what: "slow", ms: luck.pick([2_000, 9_000, 20_000]) }),
        change(later, { what: "slow", ms: 0 }),
      ],
    ],
    [5, () => [change(at, { what: "moves", private: true }), change(later, { what: "moves", private: false })]],
    [
      3,
      () => [
        change(at, { what: "redirects", to: luck.pick(["another port", "nowhere"] as const) }),
        change(later, { what: "heals" }),
      ],
    ],
    [
      8,
      () => [
        {
          kind: "weather",
          at,
          ms: luck.int(2 * MINUTE, 30 * MINUTE),
          rate: luck.pick([0.02, 0.1, 0.5]),
          kills: luck.chance(0.4) ? 0.02 : 0,
          restarts: true,
          steps: luck.pick([["check", "remember", "notify"], ["all"], ["remember"], ["check"]]),
        } as Draft,
      ],
    ],
    [
      5,
      () => [
        {
          kind: "windmill",
          at,
          match: luck.pick([
            "GET /api/w/team/users/whoami",
            "POST /api/w/team/resources/create",
            "GET /api/w/team/workspaces/get_settings",
            "GET /api/w/team/resources/get_value/f/codex_pooler/health_state",
          ]),
          status: luck.pick([500, 403]),
          ms: luck.int(3 * MINUTE, 50 * MINUTE),
          says: "Internal: no connection to the database",
        } as Draft,
      ],
    ],
    [5, () => [{ kind: "restart", at, ms: luck.int(5_000, 90_000) } as Draft]],
    [
      6,
      () => [
        { kind: "webhook", at, mode: luck.pick(["slow", "refuses", "fails", "silent"] as const) } as Draft,
        { kind: "webhook", at: later, mode: "takes" } as Draft,
      ],
    ],
    [
      8,
      () => [
        { kind: "flow", at, who: "admin", depth: luck.pick(["auto", "free", "chat", "features"] as const) } as Draft,
      ],
    ],
    [6, () => [{ kind: "check_now", at } as Draft]],
    [16, () => [{ kind: "look", at } as Draft, { kind: "look", at: later } as Draft]],
  ])();
}
