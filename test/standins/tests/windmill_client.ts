import type { WindmillStandin } from "../windmill/server.ts";

/** What a test reads of an answer; `json` is undefined where the body is none. */
export interface WindmillAnswer {
  status: number;
  headers: Headers;
  text: string;
  json: unknown;
}

export interface CallOptions {
  /** Default: the admin's. */
  token?: string;
  /** The process that is asked; default the server. */
  through?: "server" | "worker";
  body?: unknown;
  headers?: Record<string, string>;
}

/** Talks to one workspace of the Windmill stand-in as its API's users do. */
export function windmillClient(windmill: WindmillStandin, workspace: string) {
  async function call(method: string, path: string, options: CallOptions = {}): Promise<WindmillAnswer> {
    const { token = windmill.admin.token, through = "server", body, headers = {} } = options;
    const response = await fetch(`${windmill.processes[through].url}/api/w/${workspace}/${path}`, {
      method,
      redirect: "manual",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json");
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
  }

  return {
    call,
    get: (path: string, options?: CallOptions) => call("GET", path, options),
    post: (path: string, body: unknown, options?: CallOptions) => call("POST", path, { ...options, body }),
    delete: (path: string, options?: CallOptions) => call("DELETE", path, options),
    /** A request to the gateway through the proxy: `GET`, or `POST` where there is a body. */
    proxy(path: string, options: CallOptions & { resource?: string } = {}) {
      const { resource, ...rest } = options;
      const headers = { "x-provider": "customai", ...(resource === undefined ? {} : { "x-resource-path": resource }) };
      return call(rest.body === undefined ? "GET" : "POST", `ai/proxy/${path}`, { ...rest, headers });
    },
  };
}

/** AI settings that name one `customai` resource. */
export function customAi(path: string) {
  return { providers: { customai: { resource_path: path, models: ["gpt-6-luna"] } } };
}
