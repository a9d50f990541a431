import { EDITS } from "./edits.ts";
import type { Action, GatewayChange, History } from "./history.ts";

/** Histories in the words of somebody who runs a workspace. */

/** What an action is, as one line. */
export function tell(action: Action, history: History): string {
  switch (action.kind) {
    case "command": {
      const plan = action.planOf ? `, holding on to the plan of ${action.planOf}` : "";
      return `[${action.id}] u/${action.who} runs ${action.command} (${action.mode})${filledWords(action.filled)}${plan}${mishapsOf(action)}`;
    }
    case "again":
      return `[${action.id}] u/${action.who} runs ${action.of} again with the same arguments${mishapsOf(action)}`;
    case "flow":
      return `[${action.id}] u/${action.who} runs the health flow by hand, depth ${action.depth}`;
    case "look":
      return `[${action.id}] somebody opens the dashboard`;
    case "check_now":
      return `[${action.id}] somebody presses "Check now"`;
    case "gateway":
      return `[${action.id}] gateway ${action.gateway} ${gatewayWords(action.change, history)}`;
    case "hand":
      return `[${action.id}] u/${action.who} ${EDITS[action.edit]?.tells ?? action.edit}`;
    case "windmill":
      return `[${action.id}] Windmill answers ${action.status} to every "${action.match}" for ${minutes(action.ms)}`;
    case "weather":
      return `[${action.id}] bad weather for ${minutes(action.ms)}: ${percent(action.rate)} of the calls of ${action.steps.join(", ")} fail in some way${action.kills > 0 ? `, at ${percent(action.kills)} the process dies` : ""}`;
    case "restart":
      return `[${action.id}] Windmill's server restarts, away for ${minutes(action.ms)}`;
    case "webhook":
      return `[${action.id}] the webhook ${WEBHOOK[action.mode]}`;
  }
}

const WEBHOOK = {
  takes: "takes messages again",
  slow: "takes messages and answers after 15 s",
  refuses: "refuses connections",
  fails: "answers 500",
  silent: "takes messages and never answers",
};

const minutes = (ms: number): string =>
  ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;

function filledWords(filled: Record<string, unknown>): string {
  const words = Object.entries(filled).map(
    ([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return words.length === 0 ? "" : `: ${words.join(", ")}`;
}

function mishapsOf({ kills, troubles }: Extract<Action, { kind: "command" | "again" }>): string {
  const deaths = kills.map(
    ({ call, when, restarts }) =>
      `its process dies ${when} call ${call}${restarts ? " and Windmill starts it again" : ""}`,
  );
  const calls = troubles.map(([call, trouble]) => `call ${call}: ${trouble}`);
  return [...deaths, ...calls].map((words) => `; ${words}`).join("");
}

function gatewayWords(change: GatewayChange, history: History): string {
  switch (change.what) {
    case "down":
      return "is down: connections are refused";
    case "up":
      return "is up again";
    case "away":
      return "has no address any more";
    case "heals":
      return "is well again";
    case "fails":
      return `fails: ${change.faults.map(({ name, model }) => (model ? `${name} for ${model}` : name)).join(", ")}`;
    case "slow":
      return `takes ${change.ms / 1000} s to answer`;
    case "drops":
      return `serves ${change.model} no more`;
    case "serves":
      return `serves ${change.model}`;
    case "key":
      return `has key ${change.key} ${change.state}${history.setup.keys[change.key] ? "" : " (unknown)"}`;
    case "limits":
      return `limits key ${change.key}: ${JSON.stringify(change.limits)}`;
    case "moves":
      return change.private ? "moves to a private address" : "moves to a public address";
    case "redirects":
      return `redirects to ${change.to}`;
  }
}
