import type { Interception } from "../standins/windmill/intercept.ts";
import { isProxied, isWrite } from "./calls.ts";
import { anotherAdminSaves } from "./contents.ts";
import type { Call } from "./run.ts";
import type { Scene } from "./scene.ts";

/** The ways in which one call can fail. */
export interface FaultKind {
  /** Completes "the call ...". */
  name: string;
  /** Calls at which it differs from the other kinds. */
  concerns: (call: string) => boolean;
  /** Lets the call fail. */
  strike(call: Call, scene: Scene): Interception | undefined;
  /** Whether somebody else saves the AI settings. */
  edits?: true;
  /** Whether Windmill starts the job again under its own id, as it does when a worker has died. */
  restarts?: true;
}

const any = (): boolean => true;

/** A kind at the gateway, for the requests that Windmill passes on to it. */
const gateway = (name: string, port: keyof Scene["gateways"]["broken"]["ports"]): FaultKind => ({
  name: `${name} by the gateway`,
  concerns: isProxied,
  strike: (_call, { gateways }) => ({ gatewayPort: gateways.broken.ports[port] }),
});

/** What a call does that only reads is the same whether the request or its answer is lost: such a pair is one kind there. */
export const KINDS: readonly FaultKind[] = [
  {
    name: "is answered with 500",
    concerns: any,
    // The body is repeated as a careless server does it, with the key if there is one.
    strike: ({ request }) => ({
      takesEffect: false,
      show: { status: 500, body: `Internal: no connection to the database while handling ${request.body}` },
    }),
  },
  {
    name: "is answered with 401",
    concerns: any,
    strike: () => ({ takesEffect: false, show: { status: 401, body: "Unauthorized" } }),
  },
  {
    name: "times out",
    concerns: any,
    strike: ({ expire }) => ({ takesEffect: false, show: "hang", afterwards: expire }),
  },
  {
    name: "takes effect, then times out",
    concerns: isWrite,
    strike: ({ expire }) => ({ takesEffect: true, show: "hang", afterwards: expire }),
  },
  { name: "is reset", concerns: any, strike: () => ({ takesEffect: false, show: "drop" }) },
  {
    name: "takes effect, then its answer is lost",
    concerns: isWrite,
    strike: () => ({ takesEffect: true, show: "drop" }),
  },
  {
    name: "is preceded by the job's death",
    concerns: any,
    strike({ kill }) {
      kill();
      return { takesEffect: false, show: "drop" };
    },
  },
  {
    name: "is followed by the job's death",
    concerns: isWrite,
    strike: ({ kill }) => ({ takesEffect: true, show: "drop", afterwards: kill }),
  },
  {
    name: "is preceded by the worker's death, and Windmill starts the job again",
    concerns: any,
    restarts: true,
    strike({ abandon }) {
      abandon();
      return { takesEffect: false, show: "drop" };
    },
  },
  {
    name: "is followed by the worker's death, and Windmill starts the job again",
    concerns: isWrite,
    restarts: true,
    strike: ({ abandon }) => ({ takesEffect: true, show: "drop", afterwards: abandon }),
  },
  {
    name: "is preceded by another admin's change of the AI settings",
    concerns: any,
    edits: true,
    strike(_call, scene) {
      anotherAdminSaves(scene);
      return undefined;
    },
  },
  gateway("is refused with 401", "refusing"),
  gateway("is answered with 500", "failing"),
  gateway("is reset", "resetting"),
  gateway("is cut short", "cutting"),
  {
    name: "is never answered by the gateway",
    concerns: isProxied,
    strike({ expire }, { gateways: { broken } }) {
      broken.onSilence = expire;
      return { gatewayPort: broken.ports.silent };
    },
  },
];
