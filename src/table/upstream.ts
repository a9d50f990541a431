import { openError, REDACTED_TOAST, redacted, webPage } from "./examples.ts";
import { says } from "./phrases.ts";
import { FIND_REQUEST, RUN_CHECK } from "./remedies.ts";
import type { Row } from "./row.ts";

/** Behind the gateway: its provider, its own load and its own faults. */
export const UPSTREAM_ROWS: readonly Row[] = [
  {
    code: "gateway-overloaded",
    layer: "upstream",
    severity: "critical",
    owner: "wait",
    title: "The gateway or its provider is overloaded",
    cause:
      "All places are taken: more requests at once than the gateway or the provider handles. It usually passes by itself.",
    remedy: [
      "Try again in a minute.",
      "If it comes back at busy times: raise the gateway's concurrency limits, or add accounts or machines.",
    ],
    covers: ["load", "time"],
    narrows: ["gateway-proxy-error", "upstream-unreachable"],
    match: [
      { code: ["server_is_overloaded"] },
      {
        sort: [
          "overloaded",
          "overloaded_error",
          "model_overloaded",
          "server_overloaded",
          "capacity_exceeded",
          "engine_overloaded",
          "engine_overloaded_error",
          "slow_down",
        ],
      },
      {
        type: [
          "overloaded_error",
          "overloaded",
          "service_unavailable",
          "unavailable",
          "service_unavailable_error",
          "serviceunavailableerror",
          "modeloverloaded",
        ],
      },
      {
        text: /overloaded|(?:no|at|over|insufficient) capacity|capacity constraints?|capacity (?:is )?exceeded|(?:server|model|service|system) (?:is )?(?:currently )?(?:too )?busy|maximum pending requests|queue (?:is )?full|no slots? available|too many (?:concurrent|pending) |reset reason: overflow|服务(?:器)?繁忙|访问量过大|使用人数较多|系统繁忙|сервер перегружен|(?:server|dienst) (?:ist )?(?:\u00fcberlastet|ausgelastet)|混雑して/i,
      },
      { said: [503, 529] },
      { gist: says("server", "busy") },
    ],
    toasts: [{ text: REDACTED_TOAST, rank: 6 }],
    examples: [
      {
        body: {
          error: {
            message: "gateway route class is temporarily overloaded",
            type: "server_error",
            code: "server_is_overloaded",
            param: null,
          },
        },
      },
      { body: redacted("server_is_overloaded") },
      { body: { type: "error", error: { type: "overloaded_error", message: "Overloaded" } } },
      { body: { error: "Model is overloaded", error_type: "overloaded" } },
      {
        body: [
          { error: { code: 503, message: "The model is overloaded. Please try again later.", status: "UNAVAILABLE" } },
        ],
      },
      { body: "Service Unavailable", content_type: "text/plain" },
    ],
  },
  {
    code: "gateway-starting",
    layer: "upstream",
    severity: "critical",
    owner: "wait",
    title: "The gateway is still starting",
    cause:
      "The gateway answers but is not ready: it has not loaded its settings (its database may be unreachable) or is still loading the model.",
    remedy: [
      "Wait a minute and run the check again.",
      "If it stays: look at /readyz of the gateway, at its log and at its database.",
    ],
    covers: ["load", "inside"],
    narrows: ["model-not-served"],
    match: [
      { code: ["settings_unavailable", "model_loading", "warming_up"] },
      {
        text: /loading model|cold start|model is (?:currently |still )?(?:loading|warming)|runtime settings are temporarily unavailable|no_db_connection|db not connected|no connected db|not (?:loaded|ready|started) yet|still (?:starting|initiali[sz]ing|warming)|starting up|not (?:yet )?ready/i,
      },
      { sort: ["no_db_connection", "unavailable_error"] },
      { gist: says("server", "starting") },
    ],
    examples: [
      { body: openError("runtime settings are temporarily unavailable", "settings_unavailable") },
      { body: { error: { code: 503, message: "Loading model", type: "unavailable_error" } } },
    ],
  },
  {
    code: "gateway-maintenance",
    layer: "upstream",
    severity: "critical",
    owner: "wait",
    title: "The gateway is down for maintenance",
    cause: "The gateway, or the provider behind it, says that it is being worked on.",
    remedy: ["Wait until it is over; the gateway's operator knows when.", RUN_CHECK],
    match: [
      {
        text: /(?:under|down for|undergoing|scheduled|in) maintenance|maintenance (?:mode|window|in progress|break)|wartungsarbeiten|wartungsmodus|en (?:cours de )?maintenance|en mantenimiento|em manutenção|维护中|メンテナンス中|점검 중|технические работы/i,
      },
    ],
    examples: [{ body: webPage("Site under maintenance", "We will be back soon."), content_type: "text/plain" }],
  },
  {
    code: "out-of-memory",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "The model server has not enough memory for {model}",
    cause:
      "The machine that runs the model ran out of main memory or of memory on its graphics card, while loading {model} or while answering. Long chats need more of it than short questions.",
    remedy: [
      "Use a smaller model or a smaller quantisation of it, or unload what else is loaded (Ollama: `ollama ps`, `ollama stop <model>`).",
      "Give it a smaller context: Ollama: OLLAMA_CONTEXT_LENGTH or num_ctx; llama.cpp: -c; vLLM: --max-model-len and --gpu-memory-utilization; LM Studio: the context length of the load settings.",
      "Or give the machine, or the container's limit, more memory.",
    ],
    covers: ["memory"],
    narrows: ["model-load-failed", "gateway-starting", "gateway-crashed", "upstream-failed", "gateway-overloaded"],
    match: [
      {
        words:
          /out of memory|(?:unable to|failed to|cannot) allocate|requires more (?:system |gpu |video )?memory|insufficient (?:system )?(?:memory|resources|vram)|not enough (?:memory|vram|gpu memory)|(?:cuda|hip|metal|vulkan)\w* .{0,40}(?:malloc|alloc)\w* failed|\bOOM(?:-?killed|error)?\b|outofmemory|cannot allocate memory|terminated: signal: killed|kv cache .{0,60}(?:not enough|insufficient)|(?:内存|显存)不足/i,
      },
      { gist: says("memory", "short") },
    ],
    examples: [
      {
        body: {
          error: {
            message: "model requires more system memory (7.5 GiB) than is available (5.2 GiB)",
            type: "api_error",
            param: null,
            code: null,
          },
        },
      },
      {
        body: {
          error: {
            message: "CUDA out of memory. Tried to allocate 50.00 MiB.",
            type: "InternalServerError",
            code: 500,
          },
        },
      },
    ],
  },
  {
    code: "region-refused",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    lasting: true,
    title: "The provider does not serve the region that the gateway calls from",
    cause:
      "The provider looks at the address that the request comes from and does not serve its country. It is the gateway's outgoing address, or Windmill's where base_url is the provider itself. Key, quota and model are not to blame.",
    remedy: [
      "Let the gateway call from a region that the provider serves: another machine or outgoing proxy (Codex Pooler and LiteLLM read HTTPS_PROXY).",
      "Or use the model through a provider that serves your region, e.g. Azure, Vertex or Bedrock.",
      FIND_REQUEST,
    ],
    match: [
      { code: ["unsupported_country_region_territory"] },
      {
        words:
          /(?:country|region|territory|location) (?:is )?(?:not|un)(?: ?supported| available| allowed)|requests from \w{3,30} are not (?:accepted|allowed|served)|not (?:supported|available|offered) in your (?:country|region|location)|\buser location is not supported|(?:unavailable|blocked|restricted) in your (?:country|region)|(?:不支持|无法在)(?:您|你)?所在的?(?:国家|地区|区域)|(?:地区|区域|国家)(?:暂)?不(?:受)?支持/i,
      },
    ],
    examples: [
      {
        body: openError(
          "Country, region, or territory not supported",
          "unsupported_country_region_territory",
          "request_forbidden",
        ),
      },
      {
        body: [
          {
            error: {
              code: 400,
              message: "User location is not supported for the API use.",
              status: "FAILED_PRECONDITION",
            },
          },
        ],
      },
    ],
  },
  {
    code: "organisation-not-verified",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    lasting: true,
    title: "The provider wants the organisation to be verified first",
    cause:
      "OpenAI gives some models, and streams and reasoning summaries of others, to verified organisations only. The account behind the gateway belongs to one that is not. Windmill's chats and AI agent steps always stream, so they fail; `Test key` and summaries may work.",
    remedy: [
      "The owner of the provider's account opens platform.openai.com/settings/organization/general and verifies the organisation; it takes up to 15 minutes to count.",
      "Until then choose a model that needs no verification as default model in Workspace settings > Windmill AI.",
      RUN_CHECK,
    ],
    narrows: ["unsupported-parameter", "model-not-allowed", "model-not-served"],
    match: [
      {
        words:
          /organi[sz]ation must be verified|verify (?:your )?organi[sz]ation|organi[sz]ation (?:is )?(?:not|un)(?: ?verified| been verified)|(?:identity|account) verification (?:is )?required|complete .{0,20}verification|请先完成实名认证|实名认证/i,
      },
    ],
    examples: [
      {
        body: openError(
          "Your organization must be verified to stream this model. Please go to: https://platform.openai.com/settings/organization/general and click on Verify Organization.",
          "unsupported_value",
          "invalid_request_error",
          "stream",
        ),
      },
    ],
  },
  {
    code: "provider-api-off",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "The provider's API is switched off for the account's project",
    cause:
      "The provider's account is good, and the project that the key belongs to has not switched this API on. It is no matter of rights of the key.",
    remedy: [
      "Open the address in the message as the owner of the project and enable the API; wait some minutes. Google: Generative Language API, or Vertex AI API.",
      RUN_CHECK,
    ],
    match: [
      { code: ["service_disabled"] },
      {
        words:
          /api has not been used in project|\bapi (?:is |has been )?(?:disabled|not enabled)\b.{0,120}(?:project|enable it|account)|enable (?:it|the api) by visiting/i,
      },
    ],
    examples: [
      {
        body: [
          {
            error: {
              code: 403,
              message:
                "Generative Language API has not been used in project 12345 before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/generativelanguage.googleapis.com/overview?project=12345 then retry.",
              status: "PERMISSION_DENIED",
            },
          },
        ],
      },
    ],
  },
  {
    code: "routing-excludes-all",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway's own routing rules leave no provider for {model}",
    cause:
      "Providers of {model} exist, and the settings of the gateway's account exclude all of them: a privacy or data policy, a guardrail, or lists of allowed and ignored providers.",
    remedy: [
      "OpenRouter: open openrouter.ai/settings/privacy (data policy) and openrouter.ai/settings/preferences (allowed and ignored providers) and allow one that serves the model.",
      "Or choose a model that an allowed provider serves: {served}.",
    ],
    match: [
      {
        words:
          /no (?:endpoints|providers?) (?:found|available) (?:matching|that match|that can handle)|matching your (?:data policy|guardrail)|no allowed providers? (?:are|is) available|all providers have been ignored/i,
      },
    ],
    examples: [
      {
        body: {
          error: {
            message:
              "No endpoints found matching your data policy (Paid model training). Configure: https://openrouter.ai/settings/privacy",
            code: 404,
          },
        },
      },
    ],
  },
  {
    code: "inner-certificate",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "A hop behind base_url fails for a certificate",
    cause:
      "Windmill reached the server at base_url, and that server could not make a TLS connection to the next one: the proxy to the gateway, or the gateway to its provider. The certificate there is expired, self-signed or for another name, or one side speaks plain http.",
    remedy: [
      "Look at the certificate of the server behind the proxy.\\nopenssl s_client -connect <gateway>:<port> -servername <name> </dev/null",
      "Correct it, or make the hop before it trust it: Cloudflare: SSL mode Full with an origin certificate; nginx: proxy_ssl_trusted_certificate; Envoy and Istio: the trusted CA of the upstream's TLS context; Python gateways such as LiteLLM: SSL_CERT_FILE or `ssl_verify`.",
      "If the next server speaks http, say http:// there (WRONG_VERSION_NUMBER).",
    ],
    covers: ["trust"],
    narrows: ["gateway-proxy-error", "upstream-unreachable", "gateway-timeout"],
    match: [
      {
        words:
          /certificate[ _]verify[ _]failed|self[ -]signed certificate|unable to get (?:local )?issuer|certificate .{0,40}is not trusted|unable to verify the first certificate|UNABLE_TO_VERIFY|(?:ssl|tls) handshake (?:error|fail\w+)|tls: handshake|certificate (?:has expired|is not valid|is not trusted|signed by unknown authority)|x509: |X509_V_ERR|TLS_error|SSL routines|wrong[ _]version[ _]number|error code:? 52[56]\b|52[56]: (?:ssl handshake failed|invalid ssl certificate)|ssl handshake (?:failed|with remote server)|failed to establish a secure connection|tls: (?:failed to verify|handshake failure)|invalid ssl certificate/i,
      },
      { said: [525, 526] },
    ],
    tells_apart:
      "A certificate that Windmill itself refuses comes as `error sending request` with status 500, never in a 400.",
    examples: [
      { body: "error code: 526", content_type: "text/plain" },
      {
        body: "upstream connect error or disconnect/reset before headers. retried and the latest reset reason: remote connection failure, transport failure reason: TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "upstream-unreachable",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway cannot reach its provider",
    cause: "The gateway accepted the request and could not connect to the upstream provider with any of its accounts.",
    remedy: [
      "Check from the gateway's machine that it reaches the provider: name resolution, firewall, outgoing proxy.",
      FIND_REQUEST,
    ],
    covers: ["link"],
    match: [
      { code: ["upstream_request_failed", "upstream_unreachable", "upstream_connect_error"] },
      { sort: ["connection_error"] },
      { type: ["apiconnectionerror", "connection_error"] },
      {
        text: /cannot connect to host|(?:^|[:-] )connection error\.{0,2}$|error sending request for url|connect ECONNREFUSED|connect call failed|dial tcp|name or service not known|getaddrinfo|max retries exceeded with url|server connection error|no such host|could not resolve|connection (?:refused|reset)|ECONNRE\w+|socket hang up|connection attempts failed|disconnected without sending|network is unreachable|i\/o timeout|EAI_AGAIN|broken pipe|failed to (?:connect|reach) (?:to )?(?:the )?(?:provider|upstream|backend|model|ollama)|fetch failed$/i,
      },
    ],
    examples: [
      { body: redacted("upstream_request_failed") },
      {
        body: {
          error: {
            message: "litellm.InternalServerError: InternalServerError: OpenAIException - Connection error.",
            type: null,
            param: null,
            code: "500",
          },
        },
      },
      {
        body: {
          error: {
            message: "error sending request for url (https://api.openai.com/v1/chat/completions)",
            type: "api_error",
          },
        },
      },
    ],
  },
  {
    code: "safety-refused",
    layer: "upstream",
    severity: "warning",
    owner: "wait",
    title: "A content filter refused the text of the request",
    cause:
      "A safety policy, content filter or guardrail of the provider or of the gateway refused this text. The connection works.",
    remedy: [
      "Word the request differently. If harmless texts are refused, the gateway's operator can loosen the filter (Azure: content filters of the deployment; LiteLLM, Portkey and Kong: the guardrail) or ask the provider.",
    ],
    match: [
      {
        code: [
          "misalignment_policy_violation",
          "content_filter",
          "content_policy_violation",
          "responsibleaipolicyviolation",
          "cyber_policy_violation",
          "data_inspection_failed",
          "datainspectionfailed",
        ],
      },
      { sort: ["contentpolicyviolationerror", "hooks_failed", "moderation_blocked"] },
      {
        text: /content (?:management )?polic(?:y|ies)|safety (?:policy|system|reasons|filter)|content[_ ]filter(?!ing\b)|inappropriate content|guardrail|\bmoderation\b|(?:usage|acceptable use) policy|prompt injection|flagged (?:for|as)|violat\w+ (?:of )?(?:our |the |provider )?(?:usage|terms|content|acceptable|guardrail|policy|polic)|sensitive[_ ](?:content|words)|(?:敏感|违规|不安全|不适当)(?:内容|信息|词)?|内容(?:审核|安全)/i,
      },
      { gist: says("text", "unsafe") },
    ],
    examples: [
      { body: openError("The request was refused by the safety policy", "misalignment_policy_violation") },
      {
        body: openError(
          "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
          "content_filter",
        ),
      },
    ],
  },
  {
    code: "gateway-accounting",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway cannot book the request",
    cause:
      "The gateway failed to reserve or record the request's cost before running it: a fault of the gateway or its database.",
    remedy: ["Look at the gateway's log and at its database at the time of the check."],
    match: [{ code: ["gateway_reservation_failed", "gateway_accounting_failed"] }],
    examples: [{ body: redacted("gateway_reservation_failed") }, { body: redacted("gateway_accounting_failed") }],
  },
  {
    code: "gateway-crashed",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway failed inside",
    cause: "The gateway answered `Internal Server Error` without saying more: a fault of its own, often its database.",
    remedy: [
      "Look at the gateway's log at the time of the check; the x-request-id of a working answer shows how it marks requests there.",
    ],
    covers: ["inside"],
    behind: "upstream-failed",
    match: [
      { said: [500, 501] },
      { type: ["internal_server_error", "internal_error", "internalservererror", "api_error", "internal"] },
      {
        text: /^\W{0,3}(?:500 )?internal server error\W*$|panic detected|runtime error: |engine ?core encountered an issue|engine ?dead|nil pointer dereference|'NoneType' object|cannot read propert|undefined is not|(?:model|server|engine|backend) (?:has )?crashed|internal error has occurred|returned (?:an )?unexpected response|traceback \(most recent call last\)/i,
      },
    ],
    examples: [
      { body: "Internal Server Error", content_type: "text/plain" },
      { body: { errors: { detail: "Internal Server Error" } } },
      { body: { error: { message: "Internal server error", type: "api_error" } } },
      { body: { message: "Internal server error" } },
    ],
  },
  {
    code: "upstream-failed",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "The provider behind the gateway failed",
    cause:
      "The gateway passed the request on and got an error, or no complete answer, from the upstream provider. The gateway hides the details.",
    remedy: [
      FIND_REQUEST,
      "If many requests fail: look at the provider's status page. If one model fails: try another.",
    ],
    covers: ["link", "inside"],
    match: [
      { code: ["upstream_error", "upstream_status", "upstream_response_missing", "upstream_failed"] },
      { type: ["server_error", "upstream_error", "upstreamerror"] },
      { type: ["bad_response_status_code"] },
      {
        text: /^upstream request failed$|the server had an error (?:while )?processing|^upstream error\W*$|invalid response received from|provider disconnected|no (?:response|answer) from (?:the )?(?:provider|upstream)/i,
      },
      { gist: says("provider", "broke") },
    ],
    toasts: [{ text: REDACTED_TOAST, rank: 10 }],
    examples: [
      { body: redacted("upstream_error") },
      { body: redacted("upstream_status") },
      { body: redacted("upstream_response_missing") },
      {
        body: {
          error: {
            message: "The server had an error while processing your request. Sorry about that!",
            type: "server_error",
            param: null,
            code: null,
          },
        },
      },
    ],
  },
];
