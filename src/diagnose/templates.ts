import { showableAddress } from "../core/address.ts";
import { nearest } from "../core/nearest.ts";
import { excerpt } from "../core/redact.ts";
import type { Route } from "../core/shapes.ts";

import { without } from "../observe/drift.ts";

import { refusedField } from "./refused_field.ts";

/** What is known of the connection; every part may be missing. Nothing in it is a secret. */
export interface DiagnosisContext {
  base_url?: string | null;
  resource_path?: string | null;
  secret_path?: string | null;
  /** Safe prefix of the pool key. */
  key_prefix?: string | null;
  /** Where the job reaches the server that browsers use. */
  server_url?: string | null;
  default_model?: string | null;
  /** Whether a candidate is tried, which people would use as it is asked: then its server route is theirs. */
  trial?: boolean;
  /** Whether people's default chat goes to another provider, which no check of this connection asks. */
  chat_elsewhere?: boolean;
  /** ISO 8601; when the last process that still uses what was before must be done with it. */
  until?: string | null;
  /** Ids that the gateway lists; null when the list could not be read. */
  served?: readonly string[] | null;
  /** Models that answered when they were asked last although the gateway does not list them. */
  answered?: readonly string[];
  /** Takes out of every text what is known to be secret, whatever it looks like. */
  clean?: (text: string) => string;
}

/** What a finding is about, for the words in it. */
export interface Subject {
  routes: ReadonlySet<Route>;
  models: readonly string[];
  /** The answer's text and redirect, for hosts and paths that the context does not know. */
  text: string;
  location: string;
}

/** Characters shown of an id, a path or an address. */
const SHOWN = 120;
/** Ids shown of the gateway's list, and of the models that a finding is about. */
const LISTED = 8;
const NAMED = 4;

/** Fills the `{placeholders}` of a row's text. An unknown one stands for what it is, so the sentence stays readable. */
export function fill(template: string, values: ReadonlyMap<string, string>): string {
  const text = template.replace(/\{(\w{1,30})\}/g, (whole, name: string) => values.get(name) ?? whole);
  return text.startsWith("the ") ? `T${text.slice(1)}` : text;
}

/** The values for one finding. All foreign text in them is redacted and short. */
export function valuesFor(subject: Subject, context: DiagnosisContext): ReadonlyMap<string, string> {
  const { clean } = context;
  const show = (text: string): string => excerpt(text, { limit: SHOWN, ...(clean ? { clean } : {}) });
  const showAll = (texts: readonly string[], most: number): string =>
    listed(texts.slice(0, most + 1).map(show), texts.length, most);
  const { routes, models, text, location } = subject;
  const workersOnly = routes.has("worker") && !routes.has("server");
  const resource = context.resource_path ?? /\bresource (?:value for )?([ufg]\/[\w/-]{1,250})/.exec(text)?.[1];
  const secret = context.secret_path ?? /(?:\$var:|\bvariable )([ufg]\/[\w/-]{1,250})/i.exec(text)?.[1];
  const served = context.served ? nearest(models[0] ?? context.default_model ?? "", context.served) : null;
  const known = served && (served.length === 0 ? "nothing" : showAll(served, LISTED));
  // What takes the place of a model is never one that needs a replacement itself.
  const stand_in = served && without(served, models)[0];
  return new Map([
    ...addressValues(context.base_url ?? null, text, show),
    ["process", processName(routes)],
    ["service", workersOnly ? "windmill_worker" : "windmill_server"],
    ["deployment", workersOnly ? "windmill-workers-default" : "windmill-app"],
    ["resource", resource ? `the resource ${show(resource)}` : "the customai resource"],
    ["resource_path", resource ? show(resource) : "<the customai resource>"],
    ["secret", secret ? `the secret variable ${show(secret)}` : "the secret variable"],
    ["secret_path", secret ? show(secret) : "<the secret variable>"],
    ["key", context.key_prefix ? `the key ${show(context.key_prefix)}` : "the pool key"],
    ["key_prefix", context.key_prefix ? show(context.key_prefix) : "(sk-cxp- and 12 hex digits)"],
    ["model", models.length > 0 ? showAll(models, NAMED) : "the model"],
    ["model_id", models[0] ? show(models[0]) : "<model>"],
    ["served", known ?? "its model list names them"],
    ["gateway_lists", known === null ? "Its model list is not known here." : `The gateway lists: ${known}.`],
    ["nearest", stand_in ? show(stand_in) : "another model that the gateway serves"],
    ["location", location ? show(asBase(location)) : "another address"],
    ["until", context.until ? `${context.until.slice(11, 19)} UTC` : "a minute from now"],
    ...fieldValues(text),
    ["server_url", context.server_url ? show(context.server_url) : "the server's address"],
  ]);
}

/** What is known of the field that a gateway refuses. */
function fieldValues(text: string): [string, string][] {
  const { name, senders, without } = refusedField(text);
  return [
    ["refused_field", name],
    ["who_sends_it", senders],
    ["without_it", without],
  ];
}

function processName(routes: ReadonlySet<Route>): string {
  if (routes.size === 2) return "the Windmill server and workers";
  if (routes.has("worker")) return "the Windmill workers";
  return routes.has("server") ? "the Windmill server" : "Windmill";
}

/** The gateway's address: from the settings, else from the URL or host that Windmill's error names. */
function addressValues(baseUrl: string | null, text: string, show: (text: string) => string): [string, string][] {
  const url = safeUrl(baseUrl ?? /for url \((\S{1,2000}?)\)/.exec(text)?.[1] ?? "");
  if (url === null) {
    const host = plain(show(/resolve host '([^']{1,255})'/.exec(text)?.[1] ?? ""));
    return [
      ["host", host || "the gateway's host"],
      ["host_name", host || "<host>"],
      ["host_port", "<host>:<port>"],
      ["base_url", "<base_url>"],
    ];
  }
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const base = asBase(showableAddress(url.href)).replace(/\/$/, "");
  return [
    ["host", plain(show(url.host))],
    ["host_name", plain(show(url.hostname))],
    ["host_port", plain(show(`${url.hostname}:${port}`))],
    ["base_url", plain(show(base))],
  ];
}

/** The first `most` of the shown texts, and how many more there are. */
const listed = (shown: readonly string[], count: number, most: number): string =>
  count > most ? `${shown.slice(0, most).join(", ")} and ${count - most} more` : shown.join(", ");

function safeUrl(text: string): URL | null {
  try {
    const url = new URL(text);
    return /^https?:$/.test(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

/** Only what can stand in a host or path without meaning anything to a shell: these values go into commands to copy. */
const plain = (text: string): string => text.replace(/[^A-Za-z0-9._~:/[\]%-]/g, "");

/** An address as a base URL: without the query and without what Windmill appended. */
const asBase = (location: string): string =>
  (location.split(/[?#]/)[0] ?? "").replace(/\/(?:chat\/completions|models|usage)\/?$/, "");
