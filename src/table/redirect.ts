import { FROM_INSIDE, RUN_CHECK } from "./remedies.ts";
import type { Row } from "./row.ts";

/** Redirects, which Windmill does not follow. */
const EDIT_BASE_URL = "Open Resources > {resource_path} > Edit and correct base_url.";

const REDIRECTS = [301, 302, 303, 307, 308];

export const REDIRECT_ROWS: readonly Row[] = [
  {
    code: "sign-in-redirect",
    layer: "redirect",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway sends requests to a sign-in page",
    cause:
      "Something in front of the gateway (a single sign-on proxy, a captive portal) redirects to {location} instead of letting the request through. Windmill follows no redirects and cannot sign in.",
    remedy: [
      "Exempt the gateway's path /v1 from the sign-in proxy: the gateway checks its own keys there.",
      "Or use an address in base_url that does not go through it, e.g. the gateway's internal one.",
    ],
    match: [
      {
        location:
          /\b(?:log-?in|sign-?in|sign_in|sso|saml|oauth2?|oidc|authorize|authn?|realms|cdn-cgi\/access|accounts\.google|portal|captive)\b/i,
        status: REDIRECTS,
      },
    ],
    toasts: [{ text: /^Connection error\.?$/i, rank: 2 }],
    examples: [
      { status: 302, body: "", location: "https://sso.example.com/login?next=%2Fv1%2Fchat%2Fcompletions" },
      { status: 307, body: "", location: "https://captive.example.net/portal" },
    ],
  },
  {
    code: "redirect",
    layer: "redirect",
    severity: "critical",
    owner: "workspace-admin",
    title: "The gateway redirects instead of answering",
    cause:
      "The gateway answered with a redirect to {location}, and Windmill follows none. Most often base_url says http and the gateway insists on https (Codex Pooler does so for every host but localhost), or the host or path has moved.",
    remedy: [
      `${EDIT_BASE_URL} Set it to where the redirect leads, without /chat/completions or /models at its end.`,
      "If that is not an address of your gateway (example.com, localhost): its public host name is not set; the operator of Codex Pooler sets PHX_HOST.",
      "If Windmill must talk plain http to the gateway inside a trusted network: add the header `x-forwarded-proto: https` to the resource.",
      RUN_CHECK,
    ],
    repairable: true,
    match: [{ status: REDIRECTS, location: /./ }],
    tells_apart: "f/codex_pooler/check shows where the redirect leads; a toast says only `Connection error.`",
    toasts: [{ text: /^Connection error\.?$/i, rank: 1 }],
    examples: [
      { status: 307, body: "", location: "https://codex-pooler.example.com/redirect/v1/chat/completions" },
      { status: 301, body: "", location: "https://codex-pooler.example.com/v1/models" },
      { status: 308, body: "", location: "/v1/chat/completions/" },
    ],
  },
  {
    code: "redirect-without-target",
    layer: "redirect",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway answers with a redirect that leads nowhere",
    cause: "The answer has a redirect status but no Location header, so nothing says where the request should go.",
    remedy: ["Look at the proxy in front of the gateway, and at base_url.", FROM_INSIDE],
    match: [{ status: [300, ...REDIRECTS] }],
    examples: [{ status: 302, body: "" }],
  },
];
