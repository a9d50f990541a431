import type { Row } from "./row.ts";

/** TLS between Windmill and the gateway: rustls and OpenSSL wordings. Each needs its own remedy, so none is merged. */

const SHOW_CERTIFICATE = `Look at the certificate from inside {process}.
docker compose exec {service} sh -c "openssl s_client -connect {host_port} -servername {host_name} </dev/null | openssl x509 -noout -subject -issuer -dates -ext subjectAltName"`;

const failed = (why: string, url = "https://gw.example.com/v1/models") => ({
  status: 500,
  body: `Error: error sending request for url (${url}): client error (Connect): ${why} @ai.rs:950:20`,
  content_type: "text/plain",
});

export const TLS_ROWS: readonly Row[] = [
  {
    code: "certificate-expired",
    layer: "tls",
    severity: "critical",
    owner: "gateway-operator",
    title: "The certificate of {host} is out of date",
    cause:
      "The certificate is expired or not valid yet. The latter can also mean that the clock of {process} is wrong.",
    remedy: [
      SHOW_CERTIFICATE,
      "Renew the certificate on the gateway's proxy and reload it; check why the renewal did not happen by itself.",
    ],
    match: [
      {
        transport:
          /(?:certificate|peer certificate:?)[\s\S]{0,80}(?:expired|not valid yet|NotValidYet|not yet valid)|CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|\bCertExpired\b/i,
      },
    ],
    examples: [
      failed("invalid peer certificate: Expired"),
      failed(
        "invalid peer certificate: certificate expired: verification time 1795440000 (UNIX), but certificate is not valid after 1795000000 (440000 seconds ago)",
      ),
      failed("error:0A000086:SSL routines::certificate verify failed: (certificate has expired)"),
    ],
  },
  {
    code: "certificate-wrong-name",
    layer: "tls",
    severity: "critical",
    owner: "gateway-operator",
    title: "The certificate is not for the name {host}",
    cause:
      "The server that answers has a certificate for other names: base_url uses an IP address or an internal name, or the request landed on another server.",
    remedy: [
      SHOW_CERTIFICATE,
      "Use a name in base_url that the certificate lists, or issue one for the name that you use.",
    ],
    match: [
      {
        transport:
          /NotValidForName|not valid for name|hostname mismatch|host ?name .{0,100}does not match|IP address mismatch|ALTNAME_INVALID|InvalidDnsName|invalid dnsname|UnsupportedNameType/i,
      },
    ],
    examples: [
      failed("invalid peer certificate: NotValidForName"),
      failed(
        'invalid peer certificate: certificate not valid for name "gw.internal"; certificate is only valid for DnsName("gw.example.com")',
        "https://gw.internal/v1/models",
      ),
      failed("error:0A000086:SSL routines::certificate verify failed: (hostname mismatch)"),
    ],
  },
  {
    code: "certificate-untrusted",
    layer: "tls",
    severity: "critical",
    owner: "windmill-operator",
    title: "{process} does not trust the certificate of {host}",
    cause:
      "The certificate is self-signed, comes from an authority that {process} does not know (a company's own), or the gateway does not send the whole chain.",
    remedy: [
      SHOW_CERTIFICATE,
      "If the chain is incomplete: let the gateway's proxy send the intermediate certificates too.",
      "If the authority is your own: make {process} trust it (mount the authority's certificate and set SSL_CERT_FILE to a bundle that contains it), then restart it. Or give the gateway a certificate from a public authority.",
    ],
    match: [
      {
        transport:
          /UnknownIssuer|unknown (?:ca|issuer|certificate)|self[- ]signed|unable to (?:get (?:local )?issuer|verify the first)|DEPTH_ZERO|UNABLE_TO_VERIFY|CaUsedAsEndEntity|BadSignature|unhandled critical extension|certificate verify failed|invalid peer certificate|not trusted/i,
      },
    ],
    examples: [
      failed("invalid peer certificate: UnknownIssuer"),
      failed(
        "error:0A000086:SSL routines:tls_post_process_server_certificate:certificate verify failed:../ssl/statem/statem_clnt.c:1889: (self-signed certificate in certificate chain)",
      ),
    ],
  },
  {
    code: "https-to-http-port",
    layer: "tls",
    severity: "critical",
    owner: "workspace-admin",
    title: "base_url says https, but the port speaks plain http",
    cause: "Windmill began a TLS handshake and got something else back: {host} serves http on this port.",
    remedy: [
      "Change base_url in Resources > {resource_path} to http://, or to the port that serves https.",
      "Codex Pooler itself serves http only (port 4000): https comes from the proxy in front of it.",
    ],
    repairable: false,
    match: [
      {
        transport:
          /InvalidContentType|wrong version number|corrupt message|packet length too long|http request|unknown protocol|record overflow/i,
      },
    ],
    examples: [
      failed("received corrupt message of type InvalidContentType", "https://gw.internal:4000/v1/models"),
      failed(
        "error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:../ssl/record/methods/tlsany_meth.c:77:",
      ),
    ],
  },
  {
    code: "http-to-https-port",
    layer: "tls",
    severity: "critical",
    owner: "workspace-admin",
    title: "base_url says http, but the port speaks https",
    cause: "The server at {host} expects TLS on this port and got a plain http request.",
    remedy: ["Change base_url in Resources > {resource_path} to https://."],
    match: [
      {
        text: /plain HTTP request was sent to HTTPS port|HTTP request to an HTTPS server|speaking plain HTTP to an SSL-enabled|please use https protocol/i,
      },
    ],
    examples: [
      {
        body: "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head><body><center>nginx</center></body></html>",
        content_type: "text/plain",
      },
      { body: "Client sent an HTTP request to an HTTPS server.\n", content_type: "text/plain" },
    ],
  },
  {
    code: "tls-failed",
    layer: "tls",
    severity: "critical",
    owner: "gateway-operator",
    title: "The TLS handshake with {host} fails",
    cause:
      "Windmill and the server at {host} found no common way to encrypt: the server wants a client certificate, does not know this name, or offers only old protocols; or a firewall broke the handshake.",
    remedy: [
      SHOW_CERTIFICATE,
      "Check on the gateway's proxy that it serves this name, TLS 1.2 or newer, and asks for no client certificate.",
    ],
    match: [
      {
        transport:
          /handshake|fatal alert|\balert\b|SSL routines|TLS|ssl error|PeerIncompatible|PeerMisbehaved|no cipher|protocol version|unrecogni[sz]ed.?name|revoked/i,
      },
    ],
    examples: [
      failed("received fatal alert: HandshakeFailure"),
      failed("tls handshake eof"),
      failed(
        "error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:../ssl/record/rec_layer_s3.c:1605:SSL alert number 40",
      ),
    ],
  },
];
