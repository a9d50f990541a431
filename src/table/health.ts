import { RUN_CHECK } from "./remedies.ts";
import type { Row } from "./row.ts";

/** Time, mixed answers, AI agent steps, the schedule, and what nothing else fits. */
export const HEALTH_ROWS: readonly Row[] = [
  {
    code: "timeout",
    layer: "latency",
    severity: "critical",
    owner: "gateway-operator",
    title: "No answer within the time limit",
    cause:
      "The request was sent and nothing complete came back in time: the gateway, the provider behind it or a proxy on the way hangs or is very slow.",
    remedy: [
      "Run f/codex_pooler/check again. If the model list answers and chat does not, the provider behind the gateway is slow.",
      "Look at the gateway's log and at its accounts' state.",
    ],
    match: [{ failure: ["timeout"] }],
    tells_apart:
      "The limit is the checker's own (10 s for `Test key`), so a slow model can hit it while patient people get answers.",
    toasts: [
      { text: /^Could not validate key within 10 ?s/i, rank: 1 },
      { text: /^Request timed out\.?$/i, rank: 1 },
      { text: /^Request was aborted\.?$/i, rank: 1 },
    ],
    examples: [
      { status: null, failure: { kind: "timeout", message: "TimeoutError: The operation was aborted due to timeout" } },
    ],
  },
  {
    code: "check-failed",
    layer: "token",
    severity: "warning",
    owner: "windmill-operator",
    title: "The check itself failed, so nobody knows what people get",
    cause:
      "Windmill did not let the check read what there is, or the check was ended before it could report: Windmill's API failed or answered something unexpected, the user that the schedule runs as lost its rights, or the worker was stopped or could not load the script. What stopped it is in the evidence.",
    remedy: [
      "Open the run and read its error; run f/codex_pooler/check by hand as an admin.",
      "If that works, look under Schedules > f/codex_pooler/health at the user it runs as: it must be an admin of this workspace.",
      "If it does not, read the logs of Windmill's server and worker.\ndocker compose logs --tail 100 windmill_server windmill_worker",
    ],
    match: [],
    blind: true,
    examples: [],
  },
  {
    code: "memory-failed",
    layer: "token",
    severity: "warning",
    owner: "workspace-admin",
    title: "What the health check found could not be remembered",
    cause:
      "The check may have worked, but its result could not be stored in the folder f/codex_pooler, so that nothing is known of it and no status can change: the user that the schedule runs as lost its right to write there, or Windmill's API failed. What stopped it is in the evidence.",
    remedy: [
      "Open the run and read the error of its step remember.",
      "Look under Schedules > f/codex_pooler/health at the user it runs as: it must be an admin of this workspace.",
    ],
    match: [],
    blind: true,
    examples: [],
  },
  {
    code: "slow",
    layer: "latency",
    severity: "warning",
    owner: "gateway-operator",
    title: "{model} answers slowly",
    cause:
      "The answer is right but took long. Windmill gives up a `Test key` after 10 s and a chat's title after 15 s.",
    remedy: [
      "Choose a faster model as default or metadata model.",
      "Look at the gateway's queue and at the load of its accounts.",
    ],
    match: [],
    examples: [],
  },
  {
    code: "stale-credentials",
    layer: "workspace-settings",
    severity: "warning",
    owner: "wait",
    title: "Requests through {process} still use what was before, until {until} at most",
    cause:
      "Each process of Windmill keeps the gateway's address and the key for 60 s, and saving the AI settings empties the memory of one process only. Users' requests got another answer than the same requests by the resource's path, which pass that memory by. So what {process} answered says nothing about the connection as it is now.",
    remedy: ["Wait until {until}, then run f/codex_pooler/check again. Nobody needs to do anything."],
    match: [],
    examples: [],
  },
  {
    code: "agent-worker-unsupported",
    layer: "workspace-settings",
    severity: "warning",
    owner: "windmill-operator",
    title: "This worker cannot run AI agent steps",
    cause: "The step landed on an agent worker (one connected over HTTP), and those refuse AI agent steps.",
    remedy: ["Give the AI agent step a tag that normal workers serve, or remove `flow` from the agent worker's tags."],
    match: [{ windmill: /^(?:\w{0,30}: )?Agent worker does not support/ }],
    examples: [{ status: null, body: "Agent worker does not support ai agent jobs" }],
  },
  {
    code: "agent-step-misused",
    layer: "protocol",
    severity: "warning",
    owner: "workspace-admin",
    title: "The AI agent step asks for something customai cannot do",
    cause:
      "The model called a tool that the step does not have, or the step asks for an image, which this provider does not return.",
    remedy: [
      "`Tool not found`: name the step's tools so that the model cannot mistake them, or choose another model.",
      "`Image response not supported`: set the step's output type to text.",
    ],
    match: [{ windmill: /^(?:\w{0,30}: )?(?:Tool not found: |Image response not supported)/ }],
    examples: [
      { status: null, body: "Tool not found: search_web" },
      { status: null, body: "Image response not supported" },
    ],
  },
  {
    code: "schedule-missing",
    layer: "schedule",
    severity: "info",
    owner: "workspace-admin",
    title: "The health check is not scheduled",
    cause: "Nothing runs f/codex_pooler/health by itself, so nobody is told when the connection breaks.",
    remedy: ["Run f/codex_pooler/connect with a schedule, or create one for the flow under Schedules."],
    match: [],
    examples: [],
  },
  {
    code: "schedule-off",
    layer: "schedule",
    severity: "info",
    owner: "workspace-admin",
    title: "The schedule of the health check is switched off",
    cause: "The schedule exists but is disabled, so nobody is told when the connection breaks.",
    remedy: ["Open Schedules > f/codex_pooler/health and enable it."],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "schedule-error",
    layer: "schedule",
    severity: "warning",
    owner: "workspace-admin",
    title: "Windmill switched the schedule of the health check off",
    cause:
      "Windmill could not queue the next run and disabled the schedule: the flow was deleted or archived, the user it runs as left the workspace, or a quota was reached. Its error is in the evidence.",
    remedy: ["Correct what the error names.", "Open Schedules > f/codex_pooler/health and enable it again.", RUN_CHECK],
    repairable: true,
    match: [],
    explains: ["schedule-off"],
    examples: [],
  },
  {
    code: "schedule-refused",
    layer: "schedule",
    severity: "warning",
    owner: "workspace-admin",
    title: "Windmill refuses this schedule",
    cause:
      "The cron expression has not six fields (seconds first), the time zone is unknown, or the schedule uses something of the enterprise edition only.",
    remedy: ["Use six fields, e.g. `0 */10 * * * *`, a time zone such as Europe/Berlin, and no recovery handler."],
    match: [{ windmill: /^Bad request: (?:cron:|failed to parse timezone|.{0,80}only available in enterprise)/ }],
    examples: [
      { body: "Bad request: cron: */10 * * * *\n            ^\n", content_type: "text/plain" },
      { body: "Bad request: failed to parse timezone", content_type: "text/plain" },
      { body: "Bad request: on_recovery is only available in enterprise version", content_type: "text/plain" },
    ],
  },
  {
    code: "no-code-block",
    layer: "protocol",
    severity: "info",
    owner: "workspace-admin",
    title: "The model answered without a code block",
    cause:
      "Windmill's code generation in apps takes the first fenced code block of the answer, and there was none. The connection works.",
    remedy: ["Ask again, or choose a stronger model as default model."],
    match: [{ text: /^(?:failed to generate code: )?no code block found/i }],
    toasts: [{ text: /no code block found/i, rank: 1 }],
    examples: [{ status: null, body: "No code block found" }],
  },
  {
    code: "job-failed",
    layer: "unrecognised",
    severity: "warning",
    owner: "workspace-admin",
    title: "A script of the workspace failed",
    cause: "The answer is the error of a script or flow that was run, not of an AI request.",
    remedy: [
      "Open the run in Windmill and read its error; paste that text into f/codex_pooler/explain if it is about AI.",
    ],
    match: [
      {
        text: /./,
        status: [422],
        type: ["error", "apierror", "executionerr", "typeerror", "syntaxerror", "referenceerror"],
      },
    ],
    examples: [
      { status: 422, body: { error: { name: "Error", message: "no such table" } }, content_type: "application/json" },
    ],
  },
  {
    code: "windmill-words-in-400",
    layer: "unrecognised",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway's answer reads like one of Windmill's own errors",
    cause:
      "Windmill sends these words with another status; in a 400 they come from the gateway, which repeats them or is a Windmill itself. What they say about this Windmill is not to be trusted.",
    remedy: ["Look at what answers at base_url.", "Run f/codex_pooler/check, which asks over both routes."],
    match: [
      {
        windmill:
          /^(?:Internal: AI resource not configured|Internal: Error decrypting|Not found: (?:Could not find the resource|Variable|Resource)|Not authorized: |Permission denied: |Require Admin)/,
        status: [400],
      },
    ],
    examples: [{ body: "Internal: AI resource not configured @ai.rs:734:48", content_type: "text/plain" }],
  },
  {
    code: "unrecognised",
    layer: "unrecognised",
    severity: "critical",
    owner: "workspace-admin",
    title: "An answer that this table does not know",
    cause:
      "The request failed in a way that is not in the diagnosis table. The evidence shows what came back; everything else would be a guess.",
    remedy: [
      "Run f/codex_pooler/check with depth `features`: which requests fail and which work narrows it down.",
      "Search the gateway's log for the words in the evidence, at the time of the check.",
      "If the words are the gateway's, its operator knows more; if they begin with `Internal:`, the operator of Windmill does.",
    ],
    match: [],
    examples: [],
  },
];
