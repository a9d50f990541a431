import { FROM_INSIDE, RUN_CHECK } from "./remedies.ts";
import type { Row } from "./row.ts";

/**
 * Windmill could not get to the gateway: name resolution and connection. The wordings are those of reqwest and hyper with the
 * system's errors, on Linux, macOS and Windows.
 */
export const CONNECTION_ROWS: readonly Row[] = [
  {
    code: "host-not-found",
    layer: "name-resolution",
    severity: "critical",
    owner: "workspace-admin",
    title: "{process} cannot find the host {host}",
    cause:
      "The name in base_url does not exist for {process}: a typing mistake, or a name that is known elsewhere only.",
    remedy: [
      "Check the host in Resources > {resource_path} > base_url.",
      `Ask for it from inside {process}.
docker compose exec {service} getent hosts {host}
kubectl exec deploy/{deployment} -- getent hosts {host}`,
      "With Docker Compose the gateway must share a network with {process}; with Kubernetes use <service>.<namespace>.svc.",
    ],
    match: [
      {
        transport:
          /dns error[\s\S]*(?:not known|no such host|nodename nor servname|no (?:addresses|address|records?|data)\b|nxdomain|no record found|not found|non-existent domain|11001)|failed to lookup address information: (?!temporary|try again)/i,
      },
      {
        windmill:
          /^Bad request: (?:Failed to resolve host '(?!.*(?:temporary failure|try again|timed out))|Host '[^']{0,300}' did not resolve)/is,
        status: [400],
      },
    ],
    tells_apart:
      "The server and the workers may use different name servers: one can find the host while the other does not.",
    examples: [
      {
        status: 500,
        body: "Error: error sending request for url (http://no-such-host.invalid/v1/chat/completions): client error (Connect): dns error: failed to lookup address information: Name or service not known @ai.rs:950:20",
        content_type: "text/plain",
      },
      {
        status: 500,
        body: 'Error: error sending request for url (https://gw.internal/v1/models): client error (Connect): dns error: no record found for Query { name: Name("gw.internal."), query_type: AAAA, query_class: IN } @ai.rs:950:20',
        content_type: "text/plain",
      },
      {
        body: "Bad request: Failed to resolve host 'gw.internal': failed to lookup address information: Name or service not known",
        content_type: "text/plain",
      },
      { body: "Bad request: Host 'gw.internal' did not resolve to any addresses", content_type: "text/plain" },
    ],
  },
  {
    code: "name-resolution-failed",
    layer: "name-resolution",
    severity: "critical",
    owner: "windmill-operator",
    title: "Name resolution fails on {process}",
    cause: "{process} got no answer from its name server, so it does not know whether {host} exists.",
    remedy: [
      `Look at the name server from inside {process}.
docker compose exec {service} cat /etc/resolv.conf
docker compose exec {service} getent hosts {host}`,
      "If it heals by itself within minutes, the name server was overloaded or restarting.",
    ],
    match: [
      {
        transport:
          /(?:dns error|lookup address)[\s\S]*(?:temporary failure|try again|timed out|timeout|refused|servfail|server failure|EAI_AGAIN|request timed out|proto error)/i,
      },
      { transport: /dns error/i, last: true },
      {
        windmill: /^Bad request: Failed to resolve host '.*(?:temporary failure|try again|timed out)/is,
        status: [400],
      },
    ],
    examples: [
      {
        status: 500,
        body: "Error: error sending request for url (https://gw.example.com/v1/models): client error (Connect): dns error: failed to lookup address information: Temporary failure in name resolution @ai.rs:950:20",
        content_type: "text/plain",
      },
      {
        body: "Bad request: Failed to resolve host 'gw.example.com': failed to lookup address information: Temporary failure in name resolution",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "connection-refused",
    layer: "connection",
    severity: "critical",
    owner: "gateway-operator",
    title: "Nothing listens at {host}",
    cause:
      "The host is there, but refused the connection: the gateway is down, listens on another port, or listens on localhost only. Inside a container, localhost is the container itself, not the machine.",
    remedy: [
      "Check that the gateway runs and on which port.\ndocker compose ps",
      "Check host and port in Resources > {resource_path} > base_url. From a container use the gateway's service name, or host.docker.internal, instead of localhost.",
      FROM_INSIDE,
    ],
    match: [{ transport: /connection refused|actively refused|ECONNREFUSED|os error (?:111|61|10061)\b/i }],
    examples: [
      {
        status: 500,
        body: "Error: error sending request for url (http://127.0.0.1:9/v1/chat/completions): client error (Connect): tcp connect error: Connection refused (os error 111) @ai.rs:950:20",
        content_type: "text/plain",
      },
      {
        status: 500,
        body: "Error: error sending request for url (http://[fd00::5]:4000/v1/models): client error (Connect): tcp connect error: Connection refused (os error 111) @ai.rs:950:20",
        content_type: "text/plain",
      },
      {
        status: 500,
        body: "Error: error sending request for url (http://10.0.0.7:4000/v1/models): client error (Connect): tcp connect error: No connection could be made because the target machine actively refused it. (os error 10061) @ai.rs:950:20",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "no-route",
    layer: "connection",
    severity: "critical",
    owner: "windmill-operator",
    title: "There is no network route from {process} to {host}",
    cause:
      "The system of {process} says that the host or its network cannot be reached: no route, a firewall that rejects, a VPN that is down, or an IPv6 address without IPv6.",
    remedy: [
      FROM_INSIDE,
      "Check routes, firewall and network policies between {process} and the gateway.",
      "If the name resolves to an IPv6 address, give it an IPv4 address too.",
    ],
    match: [
      {
        transport:
          /no route to host|(?:network|host) (?:is )?(?:unreachable|down)|EHOSTUNREACH|ENETUNREACH|cannot assign requested address|address family not supported|unreachable (?:network|host)|os error (?:99|97|101|113|51|65|10051|10065)\b/i,
      },
    ],
    examples: [
      {
        status: 500,
        body: "Error: error sending request for url (http://10.9.8.7:4000/v1/models): client error (Connect): tcp connect error: No route to host (os error 113) @ai.rs:950:20",
        content_type: "text/plain",
      },
      {
        status: 500,
        body: "Error: error sending request for url (http://[fe80::1]:4000/v1/models): client error (Connect): tcp connect error: Network is unreachable (os error 101) @ai.rs:950:20",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "connection-timeout",
    layer: "connection",
    severity: "critical",
    owner: "windmill-operator",
    title: "{host} does not answer connection attempts of {process}",
    cause:
      "The connection was never established: a firewall or network policy drops the packets, the host is off, or the port is wrong.",
    remedy: [FROM_INSIDE, "Check firewall, security groups and network policies between {process} and the gateway."],
    match: [
      {
        transport:
          /(?:connect|tcp)[\s\S]*(?:timed out|timeout|deadline has elapsed)|ETIMEDOUT|did not properly respond|os error (?:110|60|10060)\b/i,
      },
    ],
    tells_apart:
      "A gateway that accepts the connection and then takes too long says `operation timed out` without `Connect`.",
    examples: [
      {
        status: 500,
        body: "Error: error sending request for url (http://10.9.8.7:4000/v1/models): client error (Connect): tcp connect error: Connection timed out (os error 110) @ai.rs:950:20",
        content_type: "text/plain",
      },
      {
        status: 500,
        body: "Error: error sending request for url (http://10.9.8.7:4000/v1/models): client error (Connect): operation timed out @ai.rs:950:20",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "answer-broken",
    layer: "connection",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway's answer could not be read to its end",
    cause:
      "An answer began but was not complete or not decodable: the gateway or a proxy in front of it closed the connection half-way, or announced a compression that it did not use.",
    remedy: ["Read the log of the gateway and of the proxy in front of it at the time of the check.", RUN_CHECK],
    match: [
      {
        transport:
          /^error (?:decoding response body|reading a body)|^request or response body error|incomplete message|invalid gzip/i,
      },
    ],
    examples: [
      {
        status: 500,
        body: "Error: error decoding response body: request or response body error: unexpected EOF during chunk size line @ai.rs:975:14",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "connection-lost",
    layer: "connection",
    severity: "critical",
    owner: "gateway-operator",
    title: "{host} accepts the connection and closes it without an answer",
    cause:
      "The connection was closed or reset before an HTTP answer: the gateway or a proxy in front of it crashed, was restarted, limits connections, or speaks something else than HTTP on this port.",
    remedy: [
      "Read the log of the gateway and of the proxy in front of it at the time of the check.",
      "Check the port in Resources > {resource_path} > base_url.",
      RUN_CHECK,
    ],
    match: [
      {
        transport:
          /connection reset|broken pipe|connection closed before message completed|connection aborted|unexpected (?:end of file|eof)|channel closed|connection was not ready|ECONNRESET|EPIPE|invalid HTTP version parsed|invalid status-line|invalid header|http2 error|operation was canceled|os error (?:104|54|32|103|10053|10054)\b/i,
      },
    ],
    examples: [
      {
        status: 500,
        body: "Error: error sending request for url (http://gw.example.com/v1/models): client error (SendRequest): connection closed before message completed @ai.rs:950:20",
        content_type: "text/plain",
      },
      {
        status: 500,
        body: "Error: error sending request for url (http://gw.example.com/v1/models): client error (SendRequest): connection error: Connection reset by peer (os error 104) @ai.rs:950:20",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "gateway-unreachable",
    layer: "connection",
    severity: "critical",
    owner: "windmill-operator",
    title: "{process} cannot reach the gateway",
    cause: "Windmill could not send the request to {host}. Its words do not say more precisely why.",
    remedy: [FROM_INSIDE, "The whole error stands in the log of {process} at the time of the check."],
    match: [{ transport: /./, last: true }],
    examples: [
      {
        status: 500,
        body: "Error: error sending request for url (http://gw.example.com/v1/models) @ai.rs:950:20",
        content_type: "text/plain",
      },
    ],
  },
];
