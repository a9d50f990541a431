import { answerTo, callOf, type FaultName, newPooler, poolKey } from "../standins/gateway/pooler.ts";
import type { Outcome } from "../standins/windmill/jobs/job.ts";
import { flowSpec, scriptSpec } from "../standins/windmill/jobs/runnables.ts";
import { deployedIn, type Job } from "../standins/windmill/jobs/state.ts";
import { seedResource, seedVariable } from "../standins/windmill/seed.ts";
import { guardUrl } from "../standins/windmill/url_guard.ts";
import type { Trouble } from "./calls.ts";
import { EDITS } from "./edits.ts";
import {
  type Action,
  baseUrlOf,
  type Command,
  type GatewayName,
  type History,
  hostOf,
  type Person,
  SECRETS,
  type WebhookMode,
} from "./history.ts";
import { type CallMade, type Fate, runScriptsHere, type Watching } from "./jobs.ts";
import { type Contents, contentsOf, itemsOf, type Live, liveOf } from "./live.ts";
import { hash, type Random, random } from "./random.ts";
import { EPOCH, type Owner, type Time } from "./time.ts";
import {
  buildWindmill,
  deployBundle,
  FOLDER,
  type Gateway,
  HEALTH,
  type Place,
  type SimulatedWindmill,
  type Upstream,
  WORKSPACE,
} from "./windmill.ts";
import { tell } from "./words.ts";

/** One history as it happens: the world, what the product does in it, and who looks on. */

/** What a person would get at a moment with nothing cached, as only the world can know it. */
export interface Truth {
  /** Whether the AI settings name the gateway at all. */
  connected: boolean;
  /** Whether the workspace's default model is one of the gateway's. */
  isDefault: boolean;
  /** Whether the model list can be had, over the server route. */
  list: boolean;
  /** Whether a chat with the default model is answered, over the server route. */
  chat: boolean;
  /** Whether what Windmill's features send is answered as it should be. */
  features: boolean;
}

/** A run of a command that somebody started. */
export interface CommandRun {
  action: Extract<Action, { kind: "command" | "again" }>;
  job: Job;
  who: Person;
  command: Command;
  mode: "plan" | "apply";
  args: Record<string, unknown>;
  /** As the action says it, or that of the action which is done again. */
  filled: Record<string, unknown>;
  isAgain: boolean;
  started: number;
  before: Contents;
  liveBefore: Live | null;
  itemsBefore: Map<string, unknown>;
  /** The world's version at its start: while it is the same, nobody else has changed anything. */
  version: number;
  /** The part of it that people's hands made. */
  handVersion: number;
  ended: number | null;
  outcome: Outcome | null;
  lives: number;
  /** Whether one of its processes died. */
  died: boolean;
  /** Whether something happened to one of its calls. */
  disturbed: boolean;
  /** Requests to gateways on its behalf. */
  upstream: Upstream[];
}

/** What a member who asked got. */
export interface Asked {
  route: "server" | "worker";
  model: string;
  served: boolean;
  said: string;
  /** What the request was made of; null where it reached no gateway. */
  upstream: Upstream | null;
}

/** An alert as the webhook got it. */
export interface Alert {
  time: number;
  kind: string;
  incident: string;
  status: string;
  previous: string | null;
  headline: string;
  findings: { code: string }[];
  body: string;
}

/** A run of the health flow that is over. */
export interface Tick {
  job: Job;
  outcome: Outcome;
  started: number;
  ended: number;
  isScheduled: boolean;
  /** Whether something happened to one of its calls. */
  disturbed: boolean;
  /** The outcome of each step that ran, by its id. */
  steps: Map<string, Outcome>;
  /** Its writes to Windmill, by name. */
  writes: string[];
}

/** Somebody who looks on and knows what must be so. Every part is optional; each gets the world. */
export interface Invariant {
  name: string;
  onCommandEnd?(world: Simulation, run: CommandRun): void;
  onAsked?(world: Simulation, asked: Asked): void;
  /** A write of a command that changes something has taken effect, or was lost. */
  onWrite?(world: Simulation): void;
  onUpstream?(world: Simulation, request: Upstream): void;
  onAlert?(world: Simulation, alert: Alert): void;
  onTick?(world: Simulation, tick: Tick): void;
  onJobEnd?(world: Simulation, job: Job, outcome: Outcome): void;
  onPage?(world: Simulation, data: unknown): void;
  onChange?(world: Simulation): void;
  onEnd?(world: Simulation): void;
}

/** Something that must not be. */
export interface Violation {
  invariant: string;
  /** Which part of the invariant, e.g. `told-once`. */
  rule: string;
  /** Milliseconds from the history's beginning. */
  at: number;
  says: string;
}

/** What was in a history. */
export interface Stats {
  virtualMs: number;
  events: number;
  calls: number;
  commands: number;
  ticks: number;
  kills: number;
  restarts: number;
  asked: number;
  refused: number;
  alerts: number;
  troubles: number;
}

/** Faults of a gateway that only what Windmill's features send can meet. */
export const FEATURE_FAULTS: readonly FaultName[] = [
  "ignores_tools",
  "unknown_tool",
  "bad_tool_arguments",
  "stream_cut",
  "stream_hangs",
  "stream_bad_frame",
  "ignores_stream",
];

/** Milliseconds after a history in which what is under way may end. */
const TAIL_MS = 30 * 60_000;
const CHANGES: readonly string[] = ["connect", "repair", "rotate_key", "undo", "disconnect"];

export class Simulation {
  readonly history: History;
  readonly time: Time;
  readonly windmill: SimulatedWindmill;
  readonly log: string[] = [];
  readonly violations: Violation[] = [];
  readonly stats: Stats = {
    virtualMs: 0,
    events: 0,
    calls: 0,
    commands: 0,
    ticks: 0,
    kills: 0,
    restarts: 0,
    asked: 0,
    refused: 0,
    alerts: 0,
    troubles: 0,
  };
  /** What happened, for the table of coverage: `killed connect before GET ...`. */
  readonly coverage = new Map<string, number>();
  /** Paths of other people's things, which nobody else may touch. */
  readonly others = new Set<string>();
  readonly runs = new Map<string, CommandRun>();
  readonly alerts: Alert[] = [];
  readonly ticks: Tick[] = [];
  readonly truths: { time: number; truth: Truth }[] = [];
  /** Counts changes that people and the world make; the product's own do not count. */
  version = 0;
  /** The part of it that people's hands made in the workspace. */
  handVersion = 0;
  /** Milliseconds of the last such change. */
  changedAt = 0;
  webhook: WebhookMode = "takes";
  /** A mark of every call in order: two runs that differ anywhere differ in it. */
  digest = 0;
  readonly #invariants: readonly Invariant[];
  readonly #fates = new Map<string, Fate>();
  readonly #weathers: Extract<Action, { kind: "weather" }>[] = [];
  readonly #refusals: { match: string; status: number; body: string; until: number }[] = [];
  readonly #disturbed = new Set<string>();
  readonly #random: Random;
  readonly #people: Owner;
  readonly #said = new Set<string>();
  #lastUpstream: Upstream | null = null;
  #lastLine = "";
  #same = 0;

  constructor(history: History, time: Time, invariants: readonly Invariant[]) {
    this.history = history;
    this.time = time;
    this.#invariants = invariants;
    this.#random = random(`${history.seed}/people`);
    this.#people = { ...time.world, name: "a member" };
    const { setup } = history;
    const { keys, models } = setup;
    const gateway = (name: GatewayName, known: string[]): Gateway => ({
      ...{ name, host: hostOf(name), down: false },
      pooler: newPooler({
        models: [...models[name]],
        keys: Object.fromEntries(known.map((key) => [key, poolKey()])),
        now: () => Math.floor(time.now),
        publicHost: hostOf(name),
      }),
    });
    this.windmill = buildWindmill(
      time,
      {
        gateways: { A: gateway("A", [keys.A1, keys.A2]), B: gateway("B", [keys.B1, keys.B2]) },
        workers: setup.workers,
        allowPrivate: setup.allowPrivate,
      },
      (request) => this.#onUpstream(request),
    );
    runScriptsHere(time, this.windmill, this.#watching());
    this.#watchFlows();
  }

  /** Plays the history to its end, or to the first violation when `stopAtFirst`. */
  async play(stopAtFirst = false): Promise<void> {
    const { time, history } = this;
    await this.#moveIn();
    for (const action of history.actions) time.at(EPOCH + action.at, time.world, () => this.#act(action));
    this.#memberAsks();
    const goOn = () => !(stopAtFirst && this.violations.length > 0);
    await time.run(EPOCH + history.setup.lengthMs, goOn);
    if (goOn()) await time.run(time.now + TAIL_MS, () => goOn() && this.running().length > 0);
    if (goOn()) this.#tellAll("onEnd");
    Object.assign(this.stats, { virtualMs: time.now - EPOCH, events: time.events });
    this.log.push(`digest ${this.digest.toString(16)}`);
  }

  /** Changes that are under way. */
  running(): CommandRun[] {
    return [...this.runs.values()].filter((run) => run.mode === "apply" && run.ended === null);
  }

  /** Notes that something is not as it must be; each rule once per history. */
  fail(invariant: string, rule: string, says: string): void {
    if (this.#said.has(rule)) return;
    this.#said.add(rule);
    const at = this.time.now - EPOCH;
    this.violations.push({ invariant, rule, at, says });
    this.say(`VIOLATION of ${invariant} (${rule}): ${says}`);
  }

  /** Writes a line into the log. Ticks that are like the one before them are only counted. */
  say(line: string): void {
    if (line.startsWith("tick ends") && line === this.#lastLine) {
      this.#same += 1;
      return;
    }
    if (this.#same > 0) this.log.push(`             ... and ${this.#same} more like it`);
    this.#same = 0;
    this.#lastLine = line;
    this.log.push(`${clockOf(this.time.now - EPOCH)}  ${line}`);
  }

  cover(what: string): void {
    this.coverage.set(what, (this.coverage.get(what) ?? 0) + 1);
  }

  /** The AI settings' default model, if it is one of the gateway's; else the first of the gateway's that people can choose. */
  modelOf(): { model: string; isDefault: boolean } | null {
    const settings = this.windmill.workspace.aiConfig as
      | { default_model?: { provider: string; model: string }; providers?: { customai?: { models: string[] } } }
      | undefined;
    const custom = settings?.providers?.customai;
    if (!custom) return null;
    const { default_model: chosen } = settings ?? {};
    if (chosen?.provider === "customai") return { model: chosen.model, isDefault: true };
    const [first] = custom.models;
    return first === undefined ? null : { model: first, isDefault: false };
  }

  /** Whether a chat is answered now by what these credentials lead to, as users send it. Nothing of it is kept. */
  serves(
    live: Pick<Live, "base_url" | "key" | "headers">,
    model: string | null,
    place: Place = this.windmill.server,
  ): boolean {
    const target = `${live.base_url.replace(/\/+$/, "")}/${model === null ? "models" : "chat/completions"}`;
    if (!URL.canParse(target)) return false;
    const url = new URL(target);
    try {
      guardUrl(place.process, this.windmill.network, target);
    } catch {
      return false;
    }
    const gateway = Object.values(this.windmill.gateways).find(({ host }) => host === url.hostname);
    if (gateway?.redirect !== undefined && url.port === "") return false;
    if (
      !gateway ||
      gateway.down ||
      (url.port !== "" && url.port !== "8081") ||
      url.protocol !== "http:" ||
      !this.windmill.network.hosts.has(url.hostname)
    )
      return false;
    const { pooler } = gateway;
    const key = pooler.keys.get(live.key ?? "");
    const saved = { ledger: key?.ledger.length ?? 0, requests: pooler.requests.length, tokens: { ...pooler.tokens } };
    const body = model === null ? "" : JSON.stringify(chatBody(model, this.#tokensOf(model)));
    const headers = {
      ...live.headers,
      authorization: `Bearer ${live.key}`,
      "content-type": "application/json",
      host: url.host,
    };
    const call = callOf(
      {
        method: model === null ? "GET" : "POST",
        target: `${url.pathname}${url.search}`,
        headers,
        remoteAddress: "10.0.0.2",
      },
      body,
    );
    const answer = answerTo(call, pooler);
    if (key) key.ledger.length = saved.ledger;
    pooler.requests.length = saved.requests;
    pooler.tokens = saved.tokens;
    if (answer.status !== 200 || answer.end !== "complete") return false;
    const text = "text" in answer.body ? answer.body.text : answer.body.stream.join("");
    return model === null ? text.includes('"data":[') : /"content":"[^"]/.test(text);
  }

  truth(): Truth {
    const chosen = this.modelOf();
    const live = liveOf(this.windmill.workspace);
    if (!chosen || !live)
      return {
        connected: chosen !== null,
        isDefault: chosen?.isDefault ?? false,
        list: false,
        chat: false,
        features: false,
      };
    const chat = this.serves(live, chosen.model);
    const gateway = Object.values(this.windmill.gateways).find(({ host }) => live.base_url.includes(host));
    const broken =
      gateway?.pooler.faults.some(
        ({ name, model }) => FEATURE_FAULTS.includes(name) && (model === undefined || model === chosen.model),
      ) ?? false;
    return {
      connected: true,
      isDefault: chosen.isDefault,
      list: this.serves(live, null),
      chat,
      features: chat && !broken,
    };
  }

  /** The truth as it was at a time. */
  truthAt(when: number): Truth | null {
    return this.truths.findLast(({ time }) => time <= when)?.truth ?? null;
  }

  /** Whether something held all the time between two moments, ends included. */
  heldBetween(from: number, to: number, holds: (truth: Truth) => boolean): boolean {
    const first = this.truthAt(from);
    return (
      first !== null && holds(first) && this.truths.every(({ time, truth }) => time < from || time > to || holds(truth))
    );
  }

  noteTruth(): void {
    const truth = this.truth();
    const last = this.truths.at(-1)?.truth;
    if (last && JSON.stringify(last) === JSON.stringify(truth)) return;
    this.truths.push({ time: this.time.now, truth });
    if (last && last.chat !== truth.chat && truth.connected)
      this.say(truth.chat ? "(people would be served now)" : "(people are refused now)");
  }

  /** The state that the health flow keeps; null when there is none. */
  memory(): { status: string; last: { at: string; status: string } | null; incident: unknown } | null {
    // It moves from one numbered path to the next; until 0.1.0 it stood at one.
    const versions = [...this.windmill.workspace.resources.values()].flatMap((resource) => {
      const found = /^f\/codex_pooler\/health_state(?:\/(\d+))?$/.exec(resource.path);
      return found ? [{ number: Number(found[1] ?? 0), value: resource.value }] : [];
    });
    return (versions.sort((x, y) => y.number - x.number)[0]?.value ?? null) as never;
  }

  #tokensOf(model: string): number {
    const settings = this.windmill.workspace.aiConfig as { max_tokens_per_model?: Record<string, number> } | undefined;
    return settings?.max_tokens_per_model?.[`customai:${model}`] ?? (model.includes("gpt-5") ? 128_000 : 8_192);
  }

  #tellAll(what: "onEnd" | "onChange"): void {
    for (const invariant of this.#invariants) invariant[what]?.(this);
  }

  /** The world as the history finds it. */
  async #moveIn(): Promise<void> {
    const { windmill, history } = this;
    const { store, workspace } = windmill;
    await deployBundle(windmill);
    const { others, keys } = history.setup;
    if (others !== "none") {
      for (const provider of ["openai", "anthropic"]) {
        seedVariable(store, workspace, `u/member/${provider}_key`, `key of ${provider}`);
        seedResource(
          store,
          workspace,
          `u/member/${provider}`,
          { api_key: `$var:u/member/${provider}_key` },
          { resourceType: provider },
        );
        this.others.add(`u/member/${provider}`).add(`u/member/${provider}_key`);
      }
      workspace.aiConfig = {
        providers: {
          openai: { resource_path: "u/member/openai", models: ["gpt-4o"] },
          anthropic: { resource_path: "u/member/anthropic", models: ["claude-sonnet-5"] },
        },
        ...(others === "default"
          ? {
              default_model: { provider: "openai", model: "gpt-4o" },
              metadata_model: { provider: "openai", model: "gpt-4o" },
            }
          : {}),
        code_completion_model: { provider: "openai", model: "gpt-4o" },
        custom_prompts: { script: "Write comments in French." },
      };
    }
    seedVariable(store, workspace, "f/codex_pooler/their_token", "their token");
    seedResource(store, workspace, "f/codex_pooler/their_database", { host: "db" }, { resourceType: "postgresql" });
    this.others.add("f/codex_pooler/their_token").add("f/codex_pooler/their_database");
    seedVariable(
      store,
      workspace,
      "u/admin/alert_webhook",
      `https://hooks.example.com/hooks/${SECRETS["the webhook's token"]}`,
    );
    seedVariable(store, workspace, "u/admin/spare_key", keys.A2);
    seedVariable(store, workspace, "u/boss/spare_key", keys.A2);
    for (const path of ["u/admin/alert_webhook", "u/admin/spare_key", "u/boss/spare_key"]) this.others.add(path);
    this.noteTruth();
  }

  #act(action: Action): void {
    this.say(tell(action, this.history));
    const isOfWorld =
      action.kind !== "command" &&
      action.kind !== "again" &&
      action.kind !== "look" &&
      action.kind !== "check_now" &&
      action.kind !== "flow";
    if (isOfWorld) this.touch();
    if (action.kind === "hand") this.handVersion += 1;
    switch (action.kind) {
      case "command":
      case "again":
        this.#start(action);
        break;
      case "flow": {
        const flow = deployedIn(this.windmill.workspace).flows.get(HEALTH);
        if (flow) this.#push({ ...flowSpec(flow), args: { depth: action.depth, ...this.#alertArgs() } }, action.who);
        break;
      }
      case "look":
        this.#look();
        break;
      case "check_now":
        this.#script("check_now", {}, "admin");
        break;
      case "gateway":
        this.#changeGateway(action.gateway, action.change);
        break;
      case "hand": {
        const edit = EDITS[action.edit];
        if (!edit?.make(this, action.who)) this.say("  (there was nothing to edit)");
        else {
          this.cover(`by hand: ${action.edit}`);
          for (const { command } of this.running()) this.cover(`by hand: ${action.edit} during ${command}`);
          this.cover(
            `by hand: ${action.edit} after ${[...this.runs.values()].findLast(({ mode, ended }) => mode === "apply" && ended !== null)?.command ?? "nothing"}`,
          );
        }
        break;
      }
      case "windmill":
        this.#refusals.push({ ...action, body: action.says, until: this.time.now + action.ms });
        break;
      case "weather":
        this.#weathers.push(action);
        break;
      case "restart":
        this.windmill.server.down = true;
        this.windmill.server.process.credentials.invalidate(WORKSPACE);
        this.time.in(action.ms, this.time.world, () => {
          this.windmill.server.down = false;
          this.touch();
        });
        break;
      case "webhook":
        this.webhook = action.mode;
        break;
    }
    this.noteTruth();
    if (isOfWorld) this.#tellAll("onChange");
  }

  /** Notes that the world has changed by itself or by people's hands. */
  touch(): void {
    this.version += 1;
    this.changedAt = this.time.now;
  }

  #alertArgs(): Record<string, unknown> {
    const schedule = deployedIn(this.windmill.workspace).schedules.get(HEALTH);
    const { alert_webhook_path, failures_before_alert } = (schedule?.args ?? {}) as Record<string, unknown>;
    return {
      alert_webhook_path: alert_webhook_path ?? "",
      ...(failures_before_alert === undefined ? {} : { failures_before_alert }),
    };
  }

  #changeGateway(name: GatewayName, change: Extract<Action, { kind: "gateway" }>["change"]): void {
    const gateway = this.windmill.gateways[name];
    const { pooler } = gateway;
    const { hosts } = this.windmill.network;
    const key = "key" in change ? pooler.keys.get(this.history.setup.keys[change.key]) : undefined;
    switch (change.what) {
      case "down":
        gateway.down = true;
        break;
      case "up":
        gateway.down = false;
        break;
      case "away":
        hosts.delete(gateway.host);
        break;
      case "heals":
        gateway.down = false;
        hosts.set(gateway.host, { addresses: ["93.184.216.34"], port: 1 });
        Object.assign(pooler, { faults: [], latencyMs: 0, forceSsl: false });
        break;
      case "fails":
        pooler.faults = change.faults.map((fault) => ({ ...fault }));
        for (const { name: fault } of change.faults) this.cover(`cause: ${fault}`);
        if (change.faults.length > 1)
          this.cover(
            `causes together: ${change.faults
              .map((fault) => fault.name)
              .sort()
              .join(" + ")}`,
          );
        break;
      case "slow":
        pooler.latencyMs = change.ms;
        break;
      case "drops":
        pooler.models = pooler.models.filter((id) => id !== change.model);
        break;
      case "serves":
        if (!pooler.models.includes(change.model)) pooler.models.push(change.model);
        break;
      case "key":
        if (key) key.state = change.state;
        this.cover(`cause: key ${change.state}`);
        break;
      case "limits":
        if (key) key.limits = change.limits;
        this.cover("cause: key limited");
        break;
      case "moves":
        hosts.set(gateway.host, { addresses: [change.private ? "10.20.0.7" : "93.184.216.34"], port: 1 });
        if (change.private) this.cover("cause: private address");
        break;
      case "redirects":
        gateway.redirect =
          change.to === "another port" ? `http://${gateway.host}:8081` : "https://sso.example.com/login";
        break;
    }
    if (change.what === "heals") gateway.redirect = undefined;
    if (change.what === "down" || change.what === "away") this.cover(`cause: gateway ${change.what}`);
  }

  /** Starts a command as somebody's job. */
  #start(action: Extract<Action, { kind: "command" | "again" }>): void {
    const first = action.kind === "again" ? this.runs.get(action.of) : undefined;
    if (action.kind === "again" && !first) {
      this.say("  (that was never run)");
      return;
    }
    const { workspace } = this.windmill;
    const command = first?.command ?? (action as Extract<Action, { kind: "command" }>).command;
    const mode = first?.mode ?? (action as Extract<Action, { kind: "command" }>).mode;
    const filled = first?.filled ?? (action as Extract<Action, { kind: "command" }>).filled;
    const args = first ? { ...first.args } : this.#argsOf(action as Extract<Action, { kind: "command" }>);
    if (!args) {
      this.say("  (there was no such plan)");
      return;
    }
    const spec = scriptSpec(deployedIn(workspace).scripts.get(`${FOLDER}/${command}`)?.at(-1) as never);
    const fate: Fate = {
      random: random(`${this.history.seed}/${action.id}`),
      kills: action.kills,
      troubles: new Map(action.troubles),
    };
    const run: CommandRun = {
      ...{ action, who: action.who, command, mode, args, filled, isAgain: first !== undefined, job: null as never },
      ...{
        started: this.time.now,
        before: contentsOf(workspace),
        liveBefore: liveOf(workspace),
        itemsBefore: itemsOf(workspace),
      },
      ...{
        version: this.version,
        handVersion: this.handVersion,
        ended: null,
        outcome: null,
        lives: 0,
        died: false,
        disturbed: false,
        upstream: [],
      },
    };
    run.job = this.#push({ ...spec, args }, action.who, fate);
    this.runs.set(action.id, run);
    this.stats.commands += 1;
    this.cover(`command: ${command} (${mode})`);
  }

  #argsOf({
    who,
    command,
    mode,
    filled,
    planOf,
  }: Extract<Action, { kind: "command" }>): Record<string, unknown> | null {
    const { base, key, keyAs, nth, ...fields } = filled;
    const args: Record<string, unknown> = { mode, ...fields };
    if (base) args.base_url = baseUrlOf(base);
    if (key) {
      const field = command === "rotate_key" ? "new_key" : "api_key";
      const text = this.history.setup.keys[key];
      if (keyAs === "raw") args[field] = text;
      else if (keyAs === "stored" && command === "rotate_key") args.new_key_path = `u/${who}/spare_key`;
      else if (keyAs === "stored") args[field] = `$var:u/${who}/spare_key`;
      else args[field] = `$var:${this.#typed(who, text)}`;
    }
    if (typeof nth === "number") {
      const store = this.windmill.workspace.resources.get(`${FOLDER}/snapshots`)?.value as
        | { snapshots?: { id: string }[] }
        | undefined;
      args.snapshot = store?.snapshots?.[nth]?.id ?? "";
    }
    if (planOf !== undefined) {
      const planned = this.runs.get(planOf)?.outcome?.result as { plan_id?: string } | undefined;
      if (!planned?.plan_id) return null;
      args.plan_id = planned.plan_id;
    }
    return args;
  }

  /** Windmill's form makes a variable of what is typed into a password field. */
  #typed(who: Person, text: string): string {
    const path = `u/${who}/secret_arg/${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
    seedVariable(this.windmill.store, this.windmill.workspace, path, text, {
      description: "Ephemeral secret variable",
    });
    return path;
  }

  #script(name: string, args: Record<string, unknown>, who: Person): Job {
    const script = deployedIn(this.windmill.workspace).scripts.get(`${FOLDER}/${name}`)?.at(-1);
    return this.#push({ ...scriptSpec(script as never), args }, who);
  }

  #push(
    spec: Omit<Parameters<SimulatedWindmill["engine"]["push"]>[1], "createdBy" | "identity">,
    who: Person,
    fate?: Fate,
  ): Job {
    const { engine, workspace, accounts } = this.windmill;
    const { email, username } = accounts[who];
    const job = engine.push(workspace, {
      ...spec,
      createdBy: username,
      identity: { email, username, isAdmin: true, groups: ["all"] },
    });
    if (fate) this.#fates.set(job.id, fate);
    void engine.start(job);
    return job;
  }

  /** Somebody opens the dashboard. */
  #look(): void {
    const job = this.#script("dashboard_data", {}, "admin");
    void job.done.then(() => {
      if (job.success) for (const invariant of this.#invariants) invariant.onPage?.(this, job.result);
    });
  }

  /** Wraps the runner of flows, so that their ends are seen. */
  #watchFlows(): void {
    const { runners } = this.windmill.engine;
    const script = runners.get("script");
    const flow = runners.get("flow");
    if (!script || !flow) throw new Error("Nobody runs scripts or flows.");
    runners.set("script", async (job) => {
      const outcome = await script(job);
      this.#onJobEnd(job, outcome);
      return outcome;
    });
    runners.set("flow", async (job) => {
      const started = this.time.now;
      const steps = new Map<string, Outcome>();
      this.#flows.set(job.id, steps);
      const outcome = await flow(job);
      this.#flows.delete(job.id);
      const tick: Tick = {
        job,
        outcome,
        started,
        ended: this.time.now,
        isScheduled: job.schedulePath !== undefined,
        disturbed: this.#disturbed.delete(job.id),
        steps,
        writes: this.#writes.get(job.id) ?? [],
      };
      this.#writes.delete(job.id);
      if (job.path !== HEALTH || job.isSkipped) return outcome;
      this.ticks.push(tick);
      if (this.ticks.length > 400) this.ticks.splice(0, 200);
      this.stats.ticks += 1;
      const memory = this.memory();
      this.say(
        `tick ${outcome.success ? "ends" : "FAILS"}: measured ${memory?.last?.status ?? "nothing"}, counts as ${memory?.status ?? "nothing"}${outcome.success ? "" : `: ${messageOf(outcome)}`}`,
      );
      for (const invariant of this.#invariants) invariant.onTick?.(this, tick);
      this.#forgetOldJobs();
      return outcome;
    });
  }

  readonly #writes = new Map<string, string[]>();
  readonly #flows = new Map<string, Map<string, Outcome>>();

  #forgetOldJobs(): void {
    const { jobs } = deployedIn(this.windmill.workspace);
    const old = new Date(this.time.now - 2 * 3_600_000).toISOString();
    for (const [id, job] of jobs) if (job.phase === "completed" && job.createdAt < old) jobs.delete(id);
  }

  #onJobEnd(job: Job, outcome: Outcome): void {
    if (job.parent && job.stepId) this.#flows.get(job.parent.id)?.set(job.stepId, outcome);
    for (const invariant of this.#invariants) invariant.onJobEnd?.(this, job, outcome);
    const run = [...this.runs.values()].find((one) => one.job === job);
    if (!run) return;
    run.outcome = outcome;
    run.ended = this.time.now;
    const report = outcome.result as { summary?: string } | null;
    const name = `${run.command} of u/${run.who}`;
    this.say(outcome.success ? `${name} ends: ${report?.summary ?? ""}` : `${name} FAILS: ${messageOf(outcome)}`);
    this.noteTruth();
    for (const invariant of this.#invariants) invariant.onCommandEnd?.(this, run);
  }

  #watching(): Watching {
    return {
      fateOf: (job) => {
        const known = this.#fates.get(job.id);
        if (known) return known;
        const root = job.parent ?? job;
        const label = `${job.path}/${root.scheduledFor}/${job.stepId ?? ""}/${root.schedulePath ?? root.createdBy}`;
        return { random: random(`${this.history.seed}/${label}`), kills: [], troubles: new Map() };
      },
      weather: (job, call, luck) => this.#weather(job, call, luck),
      refusal: (method, target) => {
        const now = this.time.now;
        return this.#refusals.find(({ match, until }) => until >= now && `${method} ${target}`.includes(match));
      },
      outside: (url, init, job) => this.#postOutside(url, init, job),
      onCall: (call) => this.#onCall(call),
      onArrival: (job, isWrite) => {
        if (!isWrite) return;
        this.noteTruth();
        if (!CHANGES.includes(job.path.slice(FOLDER.length + 1))) return;
        // When what was written is there: the request is served in this same instant.
        this.time.in(1, this.#people, () => {
          for (const invariant of this.#invariants) invariant.onWrite?.(this);
          void this.#askBoth();
        });
      },
      onLifeEnd: (job, life, end) => {
        const run = [...this.runs.values()].find((one) => one.job === job);
        if (run) run.lives = life;
        if (end === "done") return;
        this.say(
          `the process of ${job.path.slice(FOLDER.length + 1)} ${end === "killed" ? "dies" : `is ${end}`}${life > 1 ? ` (life ${life})` : ""}`,
        );
        if (end === "killed") this.stats.kills += 1;
        if (life > 1) this.stats.restarts += 1;
        if (run) run.died = true;
        this.#disturb(job);
      },
    };
  }

  #disturb(job: Job): void {
    this.#disturbed.add((job.parent ?? job).id);
    const run = [...this.runs.values()].find((one) => one.job === job);
    if (run) run.disturbed = true;
  }

  #weather(job: Job, call: Omit<CallMade, "trouble">, luck: Random): { trouble?: Trouble; kill?: "before" | "after" } {
    const now = this.time.now - EPOCH;
    const kind = job.parent ? (job.stepId ?? "") : job.path.slice(FOLDER.length + 1);
    for (const { at, ms, rate, kills, steps } of this.#weathers) {
      if (now < at || now > at + ms || !(steps.includes("all") || steps.includes(kind))) continue;
      if (luck.chance(kills)) return { kill: luck.pick(["before", "after"] as const) };
      if (luck.chance(rate)) return { trouble: troubleFor(call, luck) };
    }
    return this.history.setup.noise > 0 && luck.chance(this.history.setup.noise)
      ? { trouble: troubleFor(call, luck) }
      : {};
  }

  #onCall({ job, life, number, name, trouble, route, isWrite }: CallMade): void {
    this.stats.calls += 1;
    if (isWrite && job.parent && !name.includes("job_metrics"))
      this.#writes.set(job.parent.id, [...(this.#writes.get(job.parent.id) ?? []), name]);
    const script = job.path.slice(FOLDER.length + 1);
    this.digest = hash(`${this.digest}${Math.floor(this.time.now)}${script}${life}${number}${name}${trouble ?? ""}`);
    const run = CHANGES.includes(script) ? [...this.runs.values()].find((one) => one.job === job) : undefined;
    if (run?.mode === "apply" && life === 1) {
      this.cover(`call of ${script}: ${name}`);
      const kill = run.action.kills[0];
      if (kill?.call === number) this.cover(`killed ${kill.when}: ${script}: ${name}`);
    }
    if (!trouble) return;
    this.stats.troubles += 1;
    this.#disturb(job);
    this.say(
      `  a request of ${script} (${name}${route === "server" && !name.includes("server") ? ", over the server" : ""}): ${trouble}`,
    );
    this.cover(`trouble: ${trouble}`);
  }

  #onUpstream(request: Upstream): void {
    this.#lastUpstream = request;
    const run = [...this.runs.values()].findLast(
      ({ job, ended }) => ended === null && request.owner.name.includes(job.id),
    );
    run?.upstream.push(request);
    for (const invariant of this.#invariants) invariant.onUpstream?.(this, request);
  }

  /** Members ask all the time, over both routes. */
  #memberAsks(): void {
    const { askEveryMs } = this.history.setup;
    this.time.in(this.#random.int(askEveryMs >> 1, askEveryMs * 2), this.#people, () => {
      void this.ask(this.#random.chance(0.7) ? "server" : "worker");
      this.#memberAsks();
    });
  }

  async #askBoth(): Promise<void> {
    await this.ask("server");
    await this.ask("worker");
  }

  /** A member asks for a chat. */
  async ask(route: "server" | "worker"): Promise<void> {
    const chosen = this.modelOf();
    if (!chosen) return;
    const { windmill } = this;
    const place =
      route === "server" ? windmill.server : (windmill.workers[this.time.events % windmill.workers.length] as Place);
    if (place.down) return;
    const headers = {
      authorization: `Bearer ${windmill.accounts.member.token}`,
      "x-provider": "customai",
      "content-type": "application/json",
    };
    this.#lastUpstream = null;
    const body = JSON.stringify(chatBody(chosen.model, this.#tokensOf(chosen.model)));
    const reply = await windmill.serve(place, "POST", `/api/w/${WORKSPACE}/ai/proxy/chat/completions`, headers, body);
    const text = reply.whole ? await reply.whole.text() : reply.body;
    const served = reply.status === 200 && reply.end === "complete" && /"content":"[^"]/.test(text);
    this.stats.asked += 1;
    if (!served) this.stats.refused += 1;
    const asked: Asked = {
      route,
      model: chosen.model,
      served,
      said: served ? "" : `${reply.status} ${text.slice(0, 160)}`,
      upstream: this.#lastUpstream,
    };
    this.digest = hash(`${this.digest}${route}${served}`);
    for (const pooler of Object.values(windmill.gateways).map((gateway) => gateway.pooler)) {
      for (const key of pooler.keys.values()) if (key.ledger.length > 3_000) key.ledger.splice(0, 1_500);
    }
    for (const invariant of this.#invariants) invariant.onAsked?.(this, asked);
  }

  /** An alert leaves for its webhook. */
  #postOutside(url: string, init: RequestInit, job: Job): Promise<Response> {
    const body = typeof init.body === "string" ? init.body : "";
    const { time } = this;
    const sender = time.owner;
    const mode = this.webhook;
    return new Promise((resolve, reject) => {
      init.signal?.addEventListener("abort", () => reject(init.signal?.reason), { once: true });
      if (mode === "refuses") {
        const cause = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
        return void time.in(5, sender, () => reject(new TypeError("fetch failed", { cause })));
      }
      time.in(20, time.world, () => {
        if (mode !== "fails") this.#receive(url, body, job);
        if (mode === "silent") return;
        time.in(mode === "slow" ? 15_000 : 30, sender, () =>
          resolve(new Response(mode === "fails" ? "no" : "ok", { status: mode === "fails" ? 500 : 200 })),
        );
      });
    });
  }

  #receive(_url: string, body: string, _job: Job): void {
    const said = JSON.parse(body) as Alert;
    const alert: Alert = { ...said, time: this.time.now, body };
    this.alerts.push(alert);
    this.stats.alerts += 1;
    this.say(`people are told (${alert.kind}): ${alert.headline}`);
    for (const invariant of this.#invariants) invariant.onAlert?.(this, alert);
  }
}

/** What happens to a call in bad weather; the way to the gateway is only that of calls which go there. */
function troubleFor({ name, route }: Omit<CallMade, "trouble">, luck: Random): Trouble {
  const direct: Trouble[] = [
    "refused",
    "lost",
    "answer lost",
    "cut",
    "twice",
    "slow",
    "never arrives",
    "never answered",
    "answered with 500",
    "answered with 502",
  ];
  const beyond: Trouble[] = ["gateway refused", "gateway reset", "gateway cut", "gateway silent", "gateway failing"];
  if (route === "world") return "lost";
  return luck.pick(name.includes(" ai/proxy/") ? [...direct.slice(0, 4), ...beyond] : direct);
}

/** What Windmill's chat sends, in small. */
const chatBody = (model: string, max_tokens: number) => ({
  ...{ model, max_tokens, stream: true },
  messages: [{ role: "user", content: "Say ok." }],
});

const messageOf = ({ result }: Outcome): string => {
  const { error } = (result ?? {}) as { error?: { message?: string } };
  return String(error?.message ?? "").slice(0, 600);
};

/** Milliseconds from the beginning as `d hh:mm:ss`. */
export function clockOf(ms: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  return `${Math.floor(ms / 86_400_000)}d ${two((ms / 3_600_000) % 24)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}`;
}
