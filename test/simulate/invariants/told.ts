import { deployedIn } from "../../standins/windmill/jobs/state.ts";
import type { Alert, Invariant, Simulation, Tick, Truth } from "../simulation.ts";
import { EPOCH } from "../time.ts";
import { HEALTH } from "../windmill.ts";

/**
 * **Told.** What counts follows the truth.
 *
 * - People who are refused by everything are told as down within `failures_before_alert` ticks and one to spare, whatever the causes
 *   do; where only completions are refused, within `chat_every` more (`down-untold`, `down-untold-chat`).
 * - What was measured that often in a row counts (`measured-not-counted`), and what was measured as not down for that long is no
 *   longer told as down (`over-untold`).
 * - "Works again" is told only when what was told as broken has not been broken all the time since (`recovery-unmeasured`).
 * - Openings and recoveries alternate (`openings-alternate`), the same message comes at most six times, also when it is not certain
 *   that it arrived (`same-again`), and the number of messages is bounded by what changed (`too-many`).
 * - Ticks that fail one after the other are told (`failed-untold`).
 * - A tick does not measure "down" while people are served all the time (`false-down`), and none is left out of account because
 *   clocks differ (`tick-dropped`).
 * - Nobody is told that Windmill AI does not work while its default model is another provider's (`not-the-default`).
 */
export function told(): Invariant {
  let openIncident: string | null = null;
  let status = "healthy";
  /** What was told as broken, with when. */
  let broken: { chat: number | null; features: number | null } = { chat: null, features: null };
  const copies = new Map<string, number>();
  const streaks = {
    refused: [] as Tick[],
    chats: [] as Tick[],
    down: [] as Tick[],
    notDown: [] as Tick[],
    failed: [] as Tick[],
  };
  const recoveries: number[] = [];

  return {
    name: "Told",
    onAlert(world, alert) {
      watchOrder(world, alert);
      watchRecovery(world, alert);
      status = alert.status;
      const isOthers = (truth: Truth) => truth.connected && !truth.isDefault;
      if (alert.status === "down" && world.heldBetween(world.time.now - 8 * 60_000, world.time.now, isOthers)) {
        world.fail(
          "Told",
          "not-the-default",
          `people are told "${alert.headline}", and the default model, another provider's, works as ever`,
        );
      }
      const count = world.alerts.length;
      const reminders = Math.ceil((world.time.now - EPOCH) / 20_000_000);
      const limit = 12 + 4 * (world.truths.length + world.version) + reminders;
      if (count > limit) world.fail("Told", "too-many", `${count} messages, where at most ${limit} things changed`);
    },
    onTick(world, tick) {
      if (!tick.isScheduled) return;
      const { failures, successes, hasTarget, intervalMs } = rulesOf(world);
      const isReachable = world.webhook === "takes" && hasTarget;
      const memory = world.memory();
      const remembered = tick.steps.get("remember")?.success === true;
      const kept = (name: keyof typeof streaks, goesOn: boolean) => {
        if (goesOn) streaks[name].push(tick);
        else streaks[name].length = 0;
        return streaks[name].length;
      };
      const all = (holds: (truth: Truth) => boolean) => world.heldBetween(tick.started - 61_000, tick.ended, holds);
      const counts = remembered && !tick.disturbed && isReachable && !world.windmill.server.down;
      const refused = kept(
        "refused",
        counts && all((truth) => truth.connected && truth.isDefault && !truth.list && !truth.chat),
      );
      if (refused >= failures + 2 && !["down", "unknown"].includes(status)) {
        world.fail(
          "Told",
          "down-untold",
          `people were refused by everything during ${refused} ticks in a row, and the last that anybody was told is ${status}`,
        );
      }
      const chats = kept("chats", counts && all((truth) => truth.connected && truth.isDefault && !truth.chat));
      const since = streaks.chats[0]?.started ?? world.time.now;
      if (
        chats >= failures + 3 &&
        world.time.now - since > 65 * 60_000 + (failures + 2) * intervalMs &&
        status !== "down"
      ) {
        world.fail(
          "Told",
          "down-untold-chat",
          `chats were refused for ${Math.round((world.time.now - since) / 60_000)} min, and the last that anybody was told is ${status}`,
        );
      }
      const measured = remembered ? memory?.last?.status : undefined;
      const isFine = all((truth) => truth.connected && truth.isDefault && truth.list && truth.chat && truth.features);
      // What the check itself says: what a deeper one found before may still stand beside it.
      const own = (tick.steps.get("check")?.result as { status?: string } | null)?.status;
      if (own === "down" && counts && isFine && order(tick) === "next") {
        const titles = (
          tick.steps.get("check")?.result as { findings?: { title: string; severity: string }[] } | null
        )?.findings?.filter(({ severity }) => severity === "critical");
        world.fail(
          "Told",
          "false-down",
          `a tick measured down (${titles?.map(({ title }) => title).join(", ")}) while people were served all the time`,
        );
      }
      const previous = world.ticks.at(-2);
      if (order(tick) === "late" && previous && previous.ended < tick.started) {
        world.fail(
          "Told",
          "tick-dropped",
          "a tick was left out of account as late, although the one before it was over when it began: the clocks of two workers differ",
        );
      }
      const down = kept("down", measured === "down");
      if (down >= failures + 1 && memory?.status !== "down")
        world.fail(
          "Told",
          "measured-not-counted",
          `${down} ticks in a row measured down, and ${memory?.status} counts`,
        );
      const notDown = kept("notDown", measured === "healthy" || measured === "degraded");
      const calm = recoveries.filter((time) => time > world.time.now - 86_400_000).length < 2 ? 0 : 4 * 3_600_000;
      const first = streaks.notDown[0]?.started ?? world.time.now;
      if (notDown >= successes + 3 && world.time.now - first > calm && isReachable && counts && status === "down") {
        world.fail(
          "Told",
          "over-untold",
          `${notDown} ticks in a row measured that people are served, and the last that anybody was told is down`,
        );
      }
      watchFailed(world, tick, failures, isReachable);
    },
  };

  function watchOrder(world: Simulation, { kind, incident }: Alert): void {
    const key = `${incident} ${kind}`;
    const times = (copies.get(key) ?? 0) + 1;
    copies.set(key, times);
    if (times > 6 && kind !== "reminder" && kind !== "cause")
      world.fail("Told", "same-again", `the same message (${kind} of ${incident}) came ${times} times`);
    if (times > 1) return;
    if (kind === "opening") {
      if (openIncident !== null && openIncident !== incident && isFromConnect(world))
        world.fail("Told", "openings-alternate", `an incident was opened while ${openIncident} was not over`);
      openIncident = incident;
    }
    if (kind === "recovery") {
      if (openIncident !== incident)
        world.fail("Told", "openings-alternate", `${incident} is over, and nobody was told that it began`);
      openIncident = null;
      recoveries.push(world.time.now);
    }
  }

  function watchRecovery(world: Simulation, alert: Alert): void {
    const { now } = world.time;
    if (alert.status === "healthy") {
      if (
        broken.chat !== null &&
        world.heldBetween(broken.chat, now, (truth) => truth.connected && truth.isDefault && !truth.chat)
      ) {
        world.fail(
          "Told",
          "recovery-unmeasured",
          `people are told "${alert.headline}", and chats have been refused all the time since they were told of it`,
        );
      }
      if (
        broken.features !== null &&
        world.heldBetween(broken.features, now, (truth) => truth.connected && truth.isDefault && !truth.features)
      ) {
        world.fail(
          "Told",
          "recovery-unmeasured",
          `people are told "${alert.headline}", and what Windmill's features need has been broken all the time since they were told of it`,
        );
      }
      broken = { chat: null, features: null };
      return;
    }
    const truth = world.truth();
    if (alert.status === "down" && truth.connected && truth.isDefault && !truth.chat) broken.chat ??= now;
    const isOfFeatures = alert.findings.some(({ code }) => /tool|stream|agent/.test(code));
    if (isOfFeatures && truth.connected && truth.chat && !truth.features) broken.features ??= now;
  }

  function watchFailed(world: Simulation, tick: Tick, failures: number, isReachable: boolean): void {
    const failedStep = ["check", "remember"].some((id) => tick.steps.get(id)?.success === false);
    if (!failedStep || !isReachable) {
      streaks.failed.length = 0;
      return;
    }
    streaks.failed.push(tick);
    const since = streaks.failed[0]?.started ?? tick.started;
    const count = streaks.failed.length;
    if (count >= failures + 3 && !world.alerts.some(({ time }) => time >= since)) {
      world.fail("Told", "failed-untold", `${count} ticks in a row could not look or remember, and nobody was told`);
    }
  }

  /** The memory goes with a disconnect, and then a new incident may open while an old one was never told as over. */
  function isFromConnect(world: Simulation): boolean {
    return ![...world.runs.values()].some(({ command, mode }) => command === "disconnect" && mode === "apply");
  }
}

/** Where the product saw the tick among the others. */
function order({ steps }: Tick): "next" | "late" {
  const notes = (steps.get("remember")?.result as { notes?: string[] } | null)?.notes ?? [];
  return notes.some((note) => note.includes("A later check was remembered")) ? "late" : "next";
}

/** What the schedule says, with the defaults of the form. */
export function rulesOf(world: Simulation): {
  failures: number;
  successes: number;
  hasTarget: boolean;
  intervalMs: number;
} {
  const schedule = deployedIn(world.windmill.workspace).schedules.get(HEALTH);
  const { failures_before_alert, successes_before_recovery, alert_webhook_path } = (schedule?.args ?? {}) as Record<
    string,
    unknown
  >;
  const [, every] = /^0 \*\/(\d+) /.exec(schedule?.schedule ?? "") ?? [];
  return {
    failures: typeof failures_before_alert === "number" ? failures_before_alert : 2,
    successes: typeof successes_before_recovery === "number" ? successes_before_recovery : 2,
    hasTarget: typeof alert_webhook_path === "string" && alert_webhook_path !== "",
    intervalMs: every === undefined ? 3_600_000 : Number(every) * 60_000,
  };
}
