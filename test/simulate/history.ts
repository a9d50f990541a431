import type { FaultName } from "../standins/gateway/pooler.ts";
import type { Trouble } from "./calls.ts";
import type { Kill } from "./jobs.ts";

/** What happens in one history: plain data, so that it can be made from a seed, sent to another process, shortened and told. */

export type GatewayName = "A" | "B";
/** Keys by what they are: good ones of each gateway, and one that nobody knows. */
export type KeyName = "A1" | "A2" | "B1" | "B2" | "wrong";
export type Person = "admin" | "boss";
export type Command = "connect" | "repair" | "rotate_key" | "undo" | "disconnect";

/** What somebody fills into a form; what is left out stays blank. */
export interface Filled {
  base?: GatewayName;
  key?: KeyName;
  /** How the key gets into the form: typed, as a plain text of a program, or as the path of a variable that holds it. */
  keyAs?: "typed" | "raw" | "stored";
  [field: string]: unknown;
}

interface Timed {
  /** What other actions refer to it by. */
  id: string;
  /** Milliseconds from the beginning. */
  at: number;
}

/** A change of the world, of a gateway, of a key. */
export type GatewayChange =
  | { what: "down" | "up" | "away" | "heals" }
  | { what: "fails"; faults: { name: FaultName; model?: string; path?: string; stream?: boolean }[] }
  | { what: "slow"; ms: number }
  | { what: "drops" | "serves"; model: string }
  | { what: "key"; key: KeyName; state: "active" | "paused" | "revoked" | "expired" }
  | { what: "limits"; key: KeyName; limits: Record<string, number> }
  | { what: "moves"; private: boolean }
  | { what: "redirects"; to: "another port" | "nowhere" };

export type Action = Timed &
  (
    | {
        kind: "command";
        who: Person;
        command: Command;
        mode: "plan" | "apply";
        filled: Filled;
        /** The plan that it holds on to: that of an earlier action. */
        planOf?: string;
        kills: Kill[];
        troubles: [call: number, trouble: Trouble][];
      }
    | { kind: "again"; of: string; who: Person; kills: Kill[]; troubles: [call: number, trouble: Trouble][] }
    | { kind: "flow"; who: Person; depth: "auto" | "free" | "chat" | "features" }
    | { kind: "look" }
    | { kind: "check_now" }
    | { kind: "gateway"; gateway: GatewayName; change: GatewayChange }
    | { kind: "hand"; who: Person; edit: string }
    | { kind: "windmill"; match: string; status: number; ms: number; says: string }
    | { kind: "weather"; ms: number; rate: number; kills: number; restarts: boolean; steps: readonly string[] }
    | { kind: "restart"; ms: number }
    | { kind: "webhook"; mode: WebhookMode }
  );
export type WebhookMode = "takes" | "slow" | "refuses" | "fails" | "silent";

export interface Setup {
  style: "an hour" | "some hours" | "a day" | "some weeks";
  lengthMs: number;
  workers: { skewMs: number }[];
  allowPrivate: { server: boolean; worker: boolean };
  /** Whether other people have AI settings already, and whether their model is the default one. */
  others: "none" | "some" | "default";
  models: Record<GatewayName, string[]>;
  keys: Record<KeyName, string>;
  /** Milliseconds from one member's request to the next, on average. */
  askEveryMs: number;
  /** Share of calls that something happens to by itself. */
  noise: number;
}

export interface History {
  seed: number;
  focus: string | null;
  setup: Setup;
  actions: Action[];
}

/** The address of a gateway, as people type it. */
export const hostOf = (gateway: GatewayName): string => `pooler-${gateway.toLowerCase()}.example.com`;
export const baseUrlOf = (gateway: GatewayName): string => `http://${hostOf(gateway)}/v1`;

/** Secrets that stand in the world beside keys, by what they are. */
export const SECRETS = {
  "the password in an address": "hunter2Pass9word",
  "the key in an address's query": "q8Zk3mVb7Lx2Wd5Yt9",
  "the credential in a header": "4f1c9a7be3d84265b0c7e19a2d5f6380",
  "the webhook's token": "TzX8kW3-qV5mB7-nC9sD",
} as const;
