import "zod@4.6.7";
import { excerpt } from "../redact.ts";
import { nearest } from "../nearest.ts";
import type { Route } from "../shapes.ts";

/** What is known of the connection; every part may be missing. Nothing in it is a secret but `secrets`. */
export interface DiagnosisContext {
  base_url?: string | null;
  resource_path?: string | null;
  secret_path?: string | null;
  /** Safe prefix of the pool key. */
  key_prefix?: string | null;
  /** Where the job reaches the server that browsers use. */
  server_url?: string | null;
  default_model?: string | null;
  /** Ids that the gateway lists; null when the list could not be read. */
  served?: readonly string[] | null;
  /** Credentials to take out of every text, whatever they look like. */
  secrets?: readonly string[];
}

/** What a finding is about, for the words in it. */
export interface Subject {
  routes: ReadonlySet<Route>;
  models: readonly string[];
  /** The answer's text and redirect, for hosts and paths that the context does not know. */
  text: string;
  location: string;
}

/** Ids shown of a list. */
const LISTED = 8;

/** Fills the `{placeholders}` of a row's text. An unknown one stands for what it is, so the sentence stays readable. */
export function fill(template: string, values: ReadonlyMap<string, string>): string {
  const text = template.replace(/\{(\w{1,30})\}/g, (whole, name: string) => values.get(name) ?? whole);
  return text.startsWith("the ") ? `T${text.slice(1)}` : text;
}

/** The values for one finding. All foreign text in them is redacted and short. */
export function valuesFor(subject: Subject, context: DiagnosisContext): ReadonlyMap<string, string> {
  const show = (text: string, limit = 120): string =>
    excerpt(text, { limit, ...(context.secrets ? { secrets: context.secrets } : {}) });
  const { routes, models, text } = subject;
  const workersOnly = routes.has("worker") && !routes.has("server");
  const url = safeUrl(context.base_url ?? /for url \((\S{1,2000}?)\)/.exec(text)?.[1] ?? "");
  const host = url?.host ?? show(/resolve host '([^']{1,255})'/.exec(text)?.[1] ?? "");
  const resource = context.resource_path ?? /\bresource (?:value for )?([ufg]\/[\w/-]{1,250})/.exec(text)?.[1];
  const secret =
    context.secret_path ??
    /\$var:([ufg]\/[\w/-]{1,250})|\bvariable ([ufg]\/[\w/-]{1,250})/i.exec(text)?.slice(1).find(Boolean);
  const served = context.served ? nearest(models[0] ?? context.default_model ?? "", context.served) : null;
  const known =
    served &&
    (served.length === 0
      ? "nothing"
      : listed(
          served.map((id) => show(id)),
          LISTED,
        ));
  const base = url ? plain(url.href.replace(/\/(?:chat\/completions|models|usage)\/?$/, "").replace(/\/$/, "")) : null;
  return new Map([
    [
      "process",
      routes.size === 0
        ? "Windmill"
        : workersOnly
          ? "the Windmill workers"
          : routes.size === 2
            ? "the Windmill server and workers"
            : "the Windmill server",
    ],
    ["service", workersOnly ? "windmill_worker" : "windmill_server"],
    ["deployment", workersOnly ? "windmill-workers-default" : "windmill-app"],
    ["host", host ? plain(host) : "the gateway's host"],
    ["host_name", url ? plain(url.hostname) : "<host>"],
    [
      "host_port",
      url ? plain(`${url.hostname}:${url.port || (url.protocol === "https:" ? "443" : "80")}`) : "<host>:<port>",
    ],
    ["base_url", base ?? "<base_url>"],
    ["resource", resource ? `the resource ${show(resource)}` : "the customai resource"],
    ["resource_path", resource ? show(resource) : "<the customai resource>"],
    ["secret", secret ? `the secret variable ${show(secret)}` : "the secret variable"],
    ["secret_path", secret ? show(secret) : "<the secret variable>"],
    ["key", context.key_prefix ? `the key ${show(context.key_prefix)}` : "the pool key"],
    ["key_prefix", context.key_prefix ? show(context.key_prefix) : "(sk-cxp- and 12 hex digits)"],
    [
      "model",
      models.length > 0
        ? listed(
            models.map((id) => show(id)),
            4,
          )
        : "the model",
    ],
    ["model_id", models[0] ? show(models[0]) : "<model>"],
    ["served", known ?? "its model list names them"],
    ["gateway_lists", known === null ? "Its model list is not known here." : `The gateway lists: ${known}.`],
    ["nearest", served?.[0] ? show(served[0]) : "a model that the gateway serves"],
    ["location", subject.location ? show(redirectBase(subject.location)) : "another address"],
    ["server_url", context.server_url ? show(context.server_url) : "the server's address"],
  ]);
}

function listed(items: readonly string[], most: number): string {
  const shown = items.slice(0, most).join(", ");
  return items.length > most ? `${shown} and ${items.length - most} more` : shown;
}

function safeUrl(text: string): URL | null {
  try {
    const url = new URL(text);
    return /^https?:$/.test(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

/** Only what can stand in a host or path without meaning anything to a shell: these values go into commands to copy. */
const plain = (text: string): string => text.replace(/[^A-Za-z0-9._~:/[\]%-]/g, "").slice(0, 200);

/** Where a redirect leads, as a base URL: without the query and without what Windmill appended. */
const redirectBase = (location: string): string =>
  (location.split(/[?#]/)[0] ?? "").replace(/\/(?:chat\/completions|models|usage)\/?$/, "");
