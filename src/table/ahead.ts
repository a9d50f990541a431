import { RUN_CHECK } from "./remedies.ts";
import type { Row } from "./row.ts";

/** What has not broken yet: causes that the memory of the health flow foresees. No answer shows them. */

const HOW_SURE =
  "The forecast lets the last 24 hours and the last 7 days happen again, without the height of bursts; its times are about right at best.";

export const AHEAD_ROWS: readonly Row[] = [
  {
    code: "key-limit-foreseen",
    layer: "key-policy",
    severity: "warning",
    owner: "gateway-operator",
    title: "{limit} will be reached about {when}",
    cause: `{pace} {anew} From then on the gateway refuses every chat of this workspace. {sureness} ${HOW_SURE}`,
    remedy: [
      "Ask the gateway's operator to raise {limit} before that, to more than {needs}: at this pace so much is used until it begins anew. In Codex Pooler's admin pages it stands at the key.",
      "Or use less until then: a smaller default model, or AI agent steps that run less often.",
    ],
    match: [],
    tells_apart: "Nobody is refused yet; when that happens it is key-limit-reached.",
    examples: [],
  },
  {
    code: "quota-foreseen",
    layer: "quota",
    severity: "warning",
    owner: "gateway-operator",
    title: "{limit} will be reached about {when}",
    cause: `{pace} {anew} From then on the gateway has no account with quota left, for everybody who uses it. {sureness} ${HOW_SURE}`,
    remedy: [
      "Tell the gateway's operator: the pool needs another account, or a larger plan, before that.",
      "Or use less until then, and ask who else uses the same pool.",
    ],
    match: [],
    tells_apart: "Nobody is refused yet; when that happens it is quota-exhausted.",
    examples: [],
  },
  {
    code: "certificate-ends-soon",
    layer: "tls",
    severity: "warning",
    owner: "gateway-operator",
    title: "The certificate of {certificate_host} ends in {days}",
    cause:
      "The certificate that {certificate_host} shows to a worker ends on {ends}, and its renewal, which is as a rule made weeks before that, has not happened. After that, Windmill refuses the connection and nobody is served.",
    remedy: [
      "Renew the certificate on the gateway's proxy and reload it; find out why that did not happen by itself (certbot, cert-manager or Caddy say so in their logs).",
      RUN_CHECK,
    ],
    match: [],
    tells_apart:
      "A worker saw it. Where the server goes another way to the gateway, another certificate may be shown to it.",
    examples: [],
  },
  {
    code: "model-leaving",
    layer: "model",
    severity: "warning",
    owner: "workspace-admin",
    title: "{model} has left the gateway's list and still answers",
    cause:
      "The gateway listed {model} before, and does not any more; requests for it are still answered. Gateways take a model from their list before they stop it, or while its accounts rest.",
    remedy: [
      "Ask the gateway's operator whether it stays. If not, choose another one in Workspace settings > Windmill AI: {served}.",
      "Nothing has to be done in a hurry: when it does not answer any more, f/codex_pooler/repair replaces it.",
    ],
    match: [],
    tells_apart: "A model that does not answer any more is model-not-served.",
    examples: [],
  },
  {
    code: "slower-than-it-was",
    layer: "latency",
    severity: "info",
    owner: "gateway-operator",
    title: "{model} answers slower than it did",
    cause:
      "Half of the answers of the last six hours took {lately} or longer; in the seven days before, half took {before} at most. Windmill AI works.",
    remedy: [
      "Look at the gateway's queue and at the load of its accounts; the provider's status page says whether it is theirs.",
      "If it stays so, choose a faster model as default or metadata model.",
    ],
    match: [],
    examples: [],
  },
];
