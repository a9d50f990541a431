import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { classify } from "../../f/codex_pooler/lib/diagnosis.ts";
import { gatewaySays, signalOf, windmillFails } from "./signals.ts";

/**
 * Wordings that are not in the table's own examples: other gateways, other proxies, other systems' connection errors. Expected
 * codes are written from what the product that says it means by it.
 */

const openai = (message: string, type: string | null, code: string | number | null, param: string | null = null) => ({
  error: { message, type, param, code },
});

const GATEWAYS: readonly (readonly [string, unknown, string])[] = [
  // OpenAI and those who copy its envelope.
  [
    "OpenAI, model",
    openai(
      "The model `gpt-9` does not exist or you do not have access to it.",
      "invalid_request_error",
      "model_not_found",
    ),
    "model-not-served",
  ],
  [
    "OpenAI, no key",
    openai(
      "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)",
      "invalid_request_error",
      null,
    ),
    "key-not-sent",
  ],
  [
    "OpenAI, quota",
    openai(
      "You exceeded your current quota, please check your plan and billing details.",
      "insufficient_quota",
      "insufficient_quota",
    ),
    "quota-exhausted",
  ],
  [
    "OpenAI, rate",
    openai(
      "Rate limit reached for gpt-4o in organization org-abc on requests per min (RPM): Limit 3, Used 3, Requested 1.",
      "requests",
      "rate_limit_exceeded",
    ),
    "rate-limited",
  ],
  [
    "OpenAI, too large",
    openai(
      "Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 128100.",
      "tokens",
      "rate_limit_exceeded",
    ),
    "rate-limited",
  ],
  [
    "OpenAI, max_tokens name",
    openai(
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      "invalid_request_error",
      "unsupported_parameter",
      "max_tokens",
    ),
    "token-field-refused",
  ],
  [
    "OpenAI, temperature",
    openai(
      "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
      "invalid_request_error",
      "unsupported_value",
      "temperature",
    ),
    "unsupported-parameter",
  ],
  [
    "OpenAI, strict tool",
    openai(
      "Invalid schema for function 'test_run_flow': In context=(), 'required' is required to be supplied and to be an array including every key in properties.",
      "invalid_request_error",
      "invalid_function_parameters",
      "tools[0].function.parameters",
    ),
    "strict-schema-refused",
  ],
  [
    "OpenAI, server",
    openai("The server had an error while processing your request. Sorry about that!", "server_error", null),
    "upstream-failed",
  ],
  [
    "OpenAI, overloaded",
    openai("The engine is currently overloaded, please try again later", "server_error", null),
    "gateway-overloaded",
  ],
  [
    "OpenAI, region",
    openai("Country, region, or territory not supported", "request_forbidden", "unsupported_country_region_territory"),
    "upstream-account-rejected",
  ],
  [
    "OpenAI, ip list",
    openai("Your IP is not authorized for this project.", "invalid_request_error", "ip_not_authorized"),
    "ip-not-allowed",
  ],
  [
    "OpenAI, context",
    openai(
      "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300000 tokens. Please reduce the length of the messages.",
      "invalid_request_error",
      "context_length_exceeded",
    ),
    "context-too-long",
  ],
  // Azure.
  [
    "Azure, key",
    {
      error: {
        code: "401",
        message:
          "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription.",
      },
    },
    "key-refused",
  ],
  ["Azure, path", { error: { code: "404", message: "Resource not found" } }, "endpoint-not-found"],
  [
    "Azure, rate",
    {
      error: {
        code: "429",
        message:
          "Requests to the ChatCompletions_Create Operation have exceeded token rate limit of your current OpenAI S0 pricing tier.",
      },
    },
    "rate-limited",
  ],
  [
    "Azure, filter",
    {
      error: {
        message: "The response was filtered due to the prompt triggering content management policy.",
        type: null,
        param: "prompt",
        code: "content_filter",
        status: 400,
      },
    },
    "safety-refused",
  ],
  // Anthropic.
  [
    "Anthropic, key",
    { type: "error", error: { type: "authentication_error", message: "invalid x-api-key" } },
    "key-refused",
  ],
  [
    "Anthropic, overloaded",
    { type: "error", error: { type: "overloaded_error", message: "Overloaded" }, request_id: "req_1" },
    "gateway-overloaded",
  ],
  [
    "Anthropic, credit",
    {
      type: "error",
      error: { type: "invalid_request_error", message: "Your credit balance is too low to access the Anthropic API." },
    },
    "quota-exhausted",
  ],
  [
    "Anthropic, rate",
    {
      type: "error",
      error: { type: "rate_limit_error", message: "This request would exceed your organization's rate limit" },
    },
    "rate-limited",
  ],
  [
    "Anthropic, model",
    { type: "error", error: { type: "not_found_error", message: "model: claude-9" } },
    "model-not-served",
  ],
  [
    "Anthropic, internal",
    { type: "error", error: { type: "api_error", message: "Internal server error" } },
    "gateway-crashed",
  ],
  // Google.
  [
    "Google, key",
    [{ error: { code: 400, message: "API key not valid. Please pass a valid API key.", status: "INVALID_ARGUMENT" } }],
    "key-refused",
  ],
  [
    "Google, quota",
    [
      {
        error: {
          code: 429,
          message: "Quota exceeded for quota metric 'Generate Content API requests per minute'",
          status: "RESOURCE_EXHAUSTED",
        },
      },
    ],
    "rate-limited",
  ],
  [
    "Google, model",
    [
      {
        error: {
          code: 404,
          message: "models/gemini-9 is not found for API version v1main, or is not supported for generateContent.",
          status: "NOT_FOUND",
        },
      },
    ],
    "model-not-served",
  ],
  [
    "Google, busy",
    [{ error: { code: 503, message: "The model is overloaded. Please try again later.", status: "UNAVAILABLE" } }],
    "gateway-overloaded",
  ],
  // LiteLLM.
  [
    "LiteLLM, no key",
    openai("Authentication Error, No api key passed in.", "auth_error", "401", "None"),
    "key-not-sent",
  ],
  [
    "LiteLLM, model",
    openai(
      "/chat/completions: Invalid model name passed in model=gpt-9. Call `/v1/models` to view available models for your key.",
      "None",
      "400",
      "None",
    ),
    "model-not-served",
  ],
  [
    "LiteLLM, model as object",
    {
      error: {
        message: {
          error:
            "/chat/completions: Invalid model name passed in model=x. Call `/v1/models` to view available models for your key.",
        },
        type: "None",
        param: "None",
        code: "400",
      },
    },
    "model-not-served",
  ],
  [
    "LiteLLM, denied",
    openai(
      "key not allowed to access model. This key can only access models=['gpt-5']. Tried to access gpt-9",
      "key_model_access_denied",
      "403",
      "model",
    ),
    "model-not-allowed",
  ],
  [
    "LiteLLM, budget",
    openai("Budget has been exceeded! Current cost: 14.2, Max budget: 10.0", "budget_exceeded", "400"),
    "quota-exhausted",
  ],
  [
    "LiteLLM, old budget",
    openai("ExceededBudget: End User=x over budget. Spend=0.1, Budget=0.0001", "auth_error", 401),
    "quota-exhausted",
  ],
  [
    "LiteLLM, expired",
    openai(
      "Authentication Error - Expired Key. Key Expiry time 2026-01-01 and current time 2026-11-24",
      "expired_key",
      "401",
      "None",
    ),
    "key-expired",
  ],
  [
    "LiteLLM, parallel",
    openai(
      "LiteLLM Rate Limit Handler for rate limit type = key. Crossed TPM / RPM / Max Parallel Request Limit.",
      "None",
      "429",
      "None",
    ),
    "rate-limited",
  ],
  [
    "LiteLLM, cooldown",
    openai(
      "No deployments available for selected model, Try again in 5 seconds. Passed model=gpt-5. cooldown_list=[]",
      "None",
      "429",
      "None",
    ),
    "rate-limited",
  ],
  [
    "LiteLLM, upstream down",
    openai(
      "litellm.InternalServerError: InternalServerError: OpenAIException - Connection error.. Received Model Group=gpt-5",
      null,
      "500",
    ),
    "upstream-unreachable",
  ],
  [
    "LiteLLM, database",
    openai("DB not connected. See https://docs.litellm.ai/docs/proxy/virtual_keys", "no_db_connection", "503"),
    "gateway-starting",
  ],
  [
    "LiteLLM, upstream key",
    openai(
      "litellm.AuthenticationError: AuthenticationError: OpenAIException - Incorrect API key provided: sk-abc. Received Model Group=gpt-5",
      null,
      "401",
    ),
    "upstream-account-rejected",
  ],
  // vLLM, Ollama, llama.cpp, TGI, LM Studio.
  ["vLLM, key", { error: "Unauthorized" }, "key-refused"],
  [
    "vLLM, model",
    { error: { message: "The model `x` does not exist.", type: "NotFoundError", param: "model", code: 404 } },
    "model-not-served",
  ],
  [
    "vLLM, context",
    {
      object: "error",
      message:
        "This model's maximum context length is 8192 tokens. However, you requested 136192 tokens (8192 in the messages, 128000 in the completion).",
      type: "BadRequestError",
      param: null,
      code: 400,
    },
    "context-too-long",
  ],
  [
    "vLLM, max_tokens",
    {
      object: "error",
      message:
        "'max_tokens' or 'max_completion_tokens' is too large: 128000. This model's maximum context length is 32768 tokens and your request has 20000 input tokens",
      type: "BadRequestError",
      param: null,
      code: 400,
    },
    "token-limit-refused",
  ],
  [
    "vLLM, tools",
    {
      error: {
        message: '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
        type: "BadRequestError",
        param: null,
        code: 400,
      },
    },
    "model-lacks-tools",
  ],
  ["Ollama, model", openai('model "llama9" not found, try pulling it first', "api_error", null), "model-not-served"],
  [
    "Ollama, tools",
    openai("registry.ollama.ai/library/gemma:latest does not support tools", "api_error", null),
    "model-lacks-tools",
  ],
  ["Ollama, own api", { error: "model 'llama9' not found" }, "model-not-served"],
  [
    "llama.cpp, loading",
    { error: { code: 503, message: "Loading model", type: "unavailable_error" } },
    "gateway-starting",
  ],
  ["llama.cpp, key", { error: { code: 401, message: "Invalid API Key", type: "authentication_error" } }, "key-refused"],
  [
    "llama.cpp, path",
    { error: { code: 404, message: "File Not Found", type: "not_found_error" } },
    "endpoint-not-found",
  ],
  ["TGI, overloaded", { error: "Model is overloaded", error_type: "overloaded" }, "gateway-overloaded"],
  [
    "LM Studio, no model",
    openai(
      "No models loaded. Please load a model in the developer page or use the `lms load` command.",
      "invalid_request_error",
      "model_not_found",
      "model",
    ),
    "model-not-served",
  ],
  // OpenRouter, Groq, DeepSeek, Mistral, and a hosting company's gateway (windmill issue 6571).
  ["OpenRouter, key", { error: { message: "No auth credentials found", code: 401 } }, "key-not-sent"],
  ["OpenRouter, user", { error: { message: "User not found.", code: 401 } }, "key-refused"],
  [
    "OpenRouter, credit",
    {
      error: {
        message:
          "This request requires more credits, or fewer max_tokens. You requested up to 128000 tokens, but can only afford 3000.",
        code: 402,
      },
    },
    "quota-exhausted",
  ],
  [
    "OpenRouter, provider",
    { error: { message: "Provider returned error", code: 502, metadata: { raw: "x" } } },
    "upstream-failed",
  ],
  [
    "Groq, decommissioned",
    openai(
      "The model `x` has been decommissioned and is no longer supported.",
      "invalid_request_error",
      "model_decommissioned",
    ),
    "model-not-served",
  ],
  [
    "DeepSeek, key",
    openai("Authentication Fails, Your api key: ****abcd is invalid", "authentication_error", "invalid_request_error"),
    "key-refused",
  ],
  ["DeepSeek, balance", openai("Insufficient Balance", "unknown_error", "invalid_request_error"), "quota-exhausted"],
  [
    "DeepSeek, max_tokens",
    openai(
      "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]",
      "invalid_request_error",
      "invalid_request_error",
    ),
    "token-limit-refused",
  ],
  ["Mistral, key", { message: "Unauthorized", request_id: "1" }, "key-refused"],
  [
    "Mistral, model",
    { object: "error", message: "Invalid model: mistral-9", type: "invalid_model", param: null, code: "1500" },
    "model-not-served",
  ],
  [
    "Mistral, field",
    {
      detail: [
        { type: "extra_forbidden", loc: ["body", "stream_options"], msg: "Extra inputs are not permitted", input: {} },
      ],
    },
    "unsupported-parameter",
  ],
  [
    "hosting company",
    {
      code: "validation_failed",
      description: "Validation failed",
      errors: [{ code: "validation_rule_between", description: "The max tokens must be between 1 and 5000." }],
    },
    "token-limit-refused",
  ],
  [
    "Bedrock gateway",
    { message: "Too many tokens, please wait before trying again.", __type: "ThrottlingException" },
    "rate-limited",
  ],
  // Servers and proxies in front.
  ["FastAPI, path", { detail: "Not Found" }, "endpoint-not-found"],
  ["FastAPI, method", { detail: "Method Not Allowed" }, "endpoint-not-found"],
  ["FastAPI, auth", { detail: "Not authenticated" }, "key-not-sent"],
  ["FastAPI, credentials", { detail: "Could not validate credentials" }, "key-refused"],
  [
    "FastAPI, validation",
    { detail: [{ type: "missing", loc: ["body", "messages"], msg: "Field required" }] },
    "request-refused",
  ],
  ["Open WebUI, model", { detail: "Model not found" }, "model-not-served"],
  ["Kong, route", { message: "no Route matched with those values" }, "endpoint-not-found"],
  ["Kong, key", { message: "No API key found in request" }, "key-not-sent"],
  ["Kong, credentials", { message: "Invalid authentication credentials" }, "key-refused"],
  ["Kong, rate", { message: "API rate limit exceeded" }, "rate-limited"],
  ["Kong, upstream", { message: "An invalid response was received from the upstream server" }, "gateway-proxy-error"],
  ["AWS, path", { message: "Missing Authentication Token" }, "endpoint-not-found"],
  ["AWS, forbidden", { message: "Forbidden" }, "gateway-forbidden"],
  ["AWS, time-out", { message: "Endpoint request timed out" }, "gateway-timeout"],
  ["AWS, crash", { message: "Internal server error" }, "gateway-crashed"],
  [
    "Fastify, path",
    { message: "Route POST:/chat/completions not found", error: "Not Found", statusCode: 404 },
    "endpoint-not-found",
  ],
  [
    "Express, path",
    '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>Error</title></head>\n<body><pre>Cannot POST /chat/completions</pre></body></html>',
    "endpoint-not-found",
  ],
  [
    "Spring, path",
    { timestamp: "2026-11-24", status: 404, error: "Not Found", path: "/chat/completions" },
    "endpoint-not-found",
  ],
  [
    "problem+json",
    { type: "about:blank", title: "Too Many Requests", status: 429, detail: "slow down please" },
    "rate-limited",
  ],
  ["Phoenix, crash", { errors: { detail: "Internal Server Error" } }, "gateway-crashed"],
  ["Traefik, path", "404 page not found\n", "endpoint-not-found"],
  ["Traefik, down", "Bad Gateway", "gateway-proxy-error"],
  ["Traefik, none", "no available server\n", "gateway-proxy-error"],
  ["Traefik, time-out", "Gateway Timeout", "gateway-timeout"],
  ["Envoy, none", "no healthy upstream", "gateway-proxy-error"],
  [
    "Envoy, reset",
    "upstream connect error or disconnect/reset before headers. retried and the latest reset reason: remote connection failure, transport failure reason: delayed connect error: Connection refused",
    "gateway-proxy-error",
  ],
  ["Envoy, time-out", "upstream request timeout", "gateway-timeout"],
  ["Envoy, jwt", "Jwt is missing", "key-not-sent"],
  [
    "nginx 502",
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.27.2</center>\r\n</body>\r\n</html>\r\n",
    "gateway-proxy-error",
  ],
  [
    "nginx 504",
    "<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n<body>\r\n<center><h1>504 Gateway Time-out</h1></center></body></html>",
    "gateway-timeout",
  ],
  [
    "nginx 413",
    "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body></body></html>",
    "body-too-large",
  ],
  [
    "nginx 401",
    "<html>\r\n<head><title>401 Authorization Required</title></head>\r\n<body>\r\n<center><h1>401 Authorization Required</h1></center></body></html>",
    "front-asks-password",
  ],
  ["nginx 403", "<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body></body></html>", "gateway-forbidden"],
  ["nginx 404", "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body></body></html>", "endpoint-not-found"],
  ["nginx 429", "<html>\r\n<head><title>429 Too Many Requests</title></head>\r\n<body></body></html>", "rate-limited"],
  [
    "nginx, http to https",
    "<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title></head>\r\n<body></body></html>",
    "http-to-https-port",
  ],
  ["Go, http to https", "Client sent an HTTP request to an HTTPS server.\n", "http-to-https-port"],
  [
    "Apache 503",
    '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>503 Service Unavailable</title>\n</head><body>\n<h1>Service Unavailable</h1></body></html>',
    "gateway-proxy-error",
  ],
  [
    "HAProxy 503",
    "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n",
    "gateway-proxy-error",
  ],
  ["Cloudflare 1020", "error code: 1020", "challenge-page"],
  ["Cloudflare 522", "error code: 522", "gateway-proxy-error"],
  ["Cloudflare 524", "error code: 524", "gateway-timeout"],
  [
    "Cloudflare 521 page",
    "<!DOCTYPE html><html><head><title>gw.example.com | 521: Web server is down</title></head><body>Error 521</body></html>",
    "gateway-proxy-error",
  ],
  [
    "Cloudflare challenge",
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>",
    "challenge-page",
  ],
  [
    "Cloudflare tunnel",
    "<!DOCTYPE html><html><head><title>Argo Tunnel error | gw.example.com</title></head><body>error 1033</body></html>",
    "gateway-proxy-error",
  ],
  [
    "IIS 404",
    "<!DOCTYPE html><html><head><title>404 - File or directory not found.</title></head><body></body></html>",
    "endpoint-not-found",
  ],
  // What must stay open: no guess.
  [
    "a code nobody knows",
    openai("the gateway is on a holiday", "invalid_request_error", "gateway_on_holiday"),
    "unrecognised",
  ],
  ["a text nobody knows", "purple monkey dishwasher", "unrecognised"],
  ["JSON of no known shape", { flub: 1 }, "unrecognised"],
  ["a list", [1, 2, 3], "unrecognised"],
];

const CONNECT = (why: string): string => `client error (Connect): ${why}`;

const TRANSPORT: readonly (readonly [string, string])[] = [
  [CONNECT("tcp connect error: Connection refused (os error 61)"), "connection-refused"],
  [CONNECT("tcp connect error: tcp connect error: Connection refused (os error 111)"), "connection-refused"],
  ["error trying to connect: tcp connect error: Connection refused (os error 111)", "connection-refused"],
  [CONNECT("tcp connect error: No route to host (os error 113)"), "no-route"],
  [CONNECT("tcp connect error: Network unreachable (os error 101)"), "no-route"],
  [CONNECT("tcp connect error: Network is unreachable (os error 51)"), "no-route"],
  [CONNECT("tcp connect error: Host is down (os error 64)"), "no-route"],
  [CONNECT("tcp connect error: Cannot assign requested address (os error 99)"), "no-route"],
  [CONNECT("tcp connect error: deadline has elapsed"), "connection-timeout"],
  [CONNECT("tcp connect error: Connection timed out (os error 110)"), "connection-timeout"],
  ["error trying to connect: operation timed out", "connection-timeout"],
  ["operation timed out", "gateway-timeout"],
  [CONNECT("tcp connect error: Connection reset by peer (os error 104)"), "connection-lost"],
  ["client error (SendRequest): connection closed before message completed", "connection-lost"],
  ["connection closed before message completed", "connection-lost"],
  ["client error (SendRequest): broken pipe", "connection-lost"],
  [CONNECT("dns error: failed to lookup address information: Name or service not known"), "host-not-found"],
  [CONNECT("dns error: failed to lookup address information: No address associated with hostname"), "host-not-found"],
  [
    CONNECT("dns error: failed to lookup address information: nodename nor servname provided, or not known"),
    "host-not-found",
  ],
  [CONNECT("dns error: failed to lookup address information: Name does not resolve"), "host-not-found"],
  [CONNECT("dns error: No such host is known. (os error 11001)"), "host-not-found"],
  [CONNECT("dns error: NXDOMAIN"), "host-not-found"],
  [
    CONNECT("dns error: failed to lookup address information: Temporary failure in name resolution"),
    "name-resolution-failed",
  ],
  [CONNECT("dns error: failed to lookup address information: Try again"), "name-resolution-failed"],
  [CONNECT("dns error: request timed out"), "name-resolution-failed"],
  [CONNECT("dns error: proto error: io error: Connection refused (os error 111)"), "name-resolution-failed"],
  [CONNECT("invalid peer certificate: UnknownIssuer"), "certificate-untrusted"],
  [CONNECT("invalid peer certificate: BadSignature"), "certificate-untrusted"],
  [
    CONNECT(
      "error:0A000086:SSL routines:tls_post_process_server_certificate:certificate verify failed:../ssl/statem/statem_clnt.c:1889: (self-signed certificate)",
    ),
    "certificate-untrusted",
  ],
  [
    CONNECT(
      "error:1416F086:SSL routines:tls_process_server_certificate:certificate verify failed (unable to get local issuer certificate)",
    ),
    "certificate-untrusted",
  ],
  [CONNECT("invalid peer certificate: Expired"), "certificate-expired"],
  [CONNECT("invalid peer certificate: NotValidYet"), "certificate-expired"],
  [CONNECT("invalid peer certificate: NotValidForName"), "certificate-wrong-name"],
  [
    CONNECT(
      'invalid peer certificate: certificate not valid for name "10.0.0.7"; certificate is not valid for any names',
    ),
    "certificate-wrong-name",
  ],
  [CONNECT("received corrupt message of type InvalidContentType"), "https-to-http-port"],
  [
    CONNECT("error:0A00010B:SSL routines:ssl3_get_record:wrong version number:ssl/record/ssl3_record.c:354:"),
    "https-to-http-port",
  ],
  [CONNECT("received fatal alert: UnrecognisedName"), "tls-failed"],
  [CONNECT("received fatal alert: ProtocolVersion"), "tls-failed"],
  [CONNECT("received fatal alert: CertificateRequired"), "tls-failed"],
  [CONNECT("tls handshake eof"), "tls-failed"],
  [CONNECT("something new"), "gateway-unreachable"],
];

const HOSTS = [
  "http://127.0.0.1:9/v1/models",
  "http://[::1]:4000/v1/chat/completions",
  "http://[fe80::1]:4000/v1/models",
];

describe("wordings beyond the table's examples", () => {
  for (const [name, body, code] of GATEWAYS) {
    it(`${name} -> ${code}`, () => assert.equal(classify(gatewaySays(body)).code, code));
  }

  for (const [why, code] of TRANSPORT) {
    it(`${why.slice(0, 90)} -> ${code}`, () => {
      for (const url of HOSTS) assert.equal(classify(windmillFails(why, url)).code, code, url);
    });
  }

  it("reads the same words in an AI agent step's failure", () => {
    const refused = "client error (Connect): tcp connect error: Connection refused (os error 111)";
    for (const body of [
      `Failed to call API: error sending request for url (http://gw:4000/v1/chat/completions): ${refused}`,
      `Internal: Failed to call API: error sending request for url (http://gw:4000/v1/chat/completions): ${refused} @ai_executor.rs:1290:9`,
    ]) {
      assert.equal(classify(signalOf({ status: null, body })).code, "connection-refused", body);
    }
  });

  it("reads the gateway's own status where an AI agent step keeps it", () => {
    const step = (status: string, body: string): string =>
      `Internal: API error calling https://gw.example.com/v1/chat/completions: HTTP status client error (${status}) for url (https://gw.example.com/v1/chat/completions) - ${body}`;
    const cases = [
      [
        step(
          "401 Unauthorized",
          '{"error":{"message":"api key is required","type":"invalid_request_error","code":"api_key_missing","param":null}}',
        ),
        "key-refused",
      ],
      [
        step(
          "401 Unauthorized",
          '{"error":{"message":"upstream request failed","type":"server_error","code":"upstream_status"}}',
        ),
        "upstream-account-rejected",
      ],
      [step("429 Too Many Requests", ""), "rate-limited"],
      [step("404 Not Found", "Not Found"), "endpoint-not-found"],
      [step("502 Bad Gateway", "<html><head><title>502 Bad Gateway</title></head></html>"), "gateway-proxy-error"],
    ] as const;
    for (const [body, code] of cases) assert.equal(classify(signalOf({ status: null, body })).code, code, body);
  });
});
