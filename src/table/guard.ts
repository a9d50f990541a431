import { ALLOW_PRIVATE_SERVER, ALLOW_PRIVATE_WORKER, RUN_CHECK, WHAT_IT_OPENS } from "./remedies.ts";
import type { Match, Row } from "./row.ts";

/** Windmill's guard against private addresses. Server and workers decide each for itself, with the same words. */

const GUARD: Match = {
  windmill: /^Bad request: URL (?:targets|resolves to) a private\/internal IP address/,
  status: [400],
};
const TOAST = /^Bad request: URL (?:targets|resolves to) a private/;
const TEXT =
  "If you need to use private/internal AI endpoints, set the ALLOW_PRIVATE_AI_BASE_URLS=true environment variable";

export const GUARD_ROWS: readonly Row[] = [
  {
    code: "private-address-server",
    layer: "url-guard",
    severity: "critical",
    owner: "windmill-operator",
    lasting: true,
    title: "The Windmill server refuses the gateway's private address",
    cause:
      "{host} is, or resolves to, a private, link-local or loopback address, and the Windmill server, which serves everybody's browser, does not allow these for AI providers.",
    remedy: [...ALLOW_PRIVATE_SERVER, WHAT_IT_OPENS, RUN_CHECK],
    match: [GUARD],
    tells_apart:
      "The server and the workers use the same words. It is the server when people's chat fails; it is a worker when AI agent steps of flows fail, or the worker route of f/codex_pooler/check.",
    toasts: [{ text: TOAST, rank: 1 }],
    examples: [
      {
        body: `Bad request: URL targets a private/internal IP address. ${TEXT}`,
        content_type: "text/plain",
        route: "server",
      },
      { body: `Bad request: URL resolves to a private/internal IP address. ${TEXT}`, content_type: "text/plain" },
    ],
  },
  {
    code: "private-address-worker",
    layer: "url-guard",
    severity: "critical",
    owner: "windmill-operator",
    lasting: true,
    title: "The Windmill workers refuse the gateway's private address",
    cause:
      "{host} is, or resolves to, a private, link-local or loopback address, and the Windmill workers, which run AI agent steps, do not allow these for AI providers. People's chat does not depend on it.",
    remedy: [...ALLOW_PRIVATE_WORKER, WHAT_IT_OPENS, RUN_CHECK],
    match: [{ ...GUARD, route: "worker" }],
    tells_apart:
      "The server and the workers use the same words. It is a worker when AI agent steps of flows fail, or the worker route of f/codex_pooler/check; it is the server when people's chat fails.",
    toasts: [{ text: TOAST, rank: 2 }],
    examples: [
      {
        body: `Bad request: URL targets a private/internal IP address. ${TEXT}`,
        content_type: "text/plain",
        route: "worker",
      },
    ],
  },
];
