import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer as createPlainServer, type Server, type Socket } from "node:net";
import { describe, it } from "node:test";
import { createServer } from "node:tls";
import { promisify } from "node:util";
import { lookAtCertificate } from "../../src/probe/certificate.ts";
import { selfMadeCertificate } from "../world/certificate.ts";

/** Against real TLS servers on this machine, with certificates that nobody vouches for. */

const ENDS = new Date("2031-05-06T07:08:09Z");

async function serve<T>(server: Server, work: (port: number) => Promise<T>): Promise<T> {
  const open = new Set<Socket>();
  server.on("connection", (socket) => open.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  try {
    return await work(address.port);
  } finally {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe("the certificate of a gateway", () => {
  it("is seen without sending anything, whoever made it", async () => {
    let received = 0;
    const server = createServer(selfMadeCertificate("localhost", ENDS), (socket) => {
      socket.on("data", (data) => {
        received += data.length;
      });
      socket.on("error", () => undefined);
    });
    const found = await serve(server, (port) => lookAtCertificate(`https://localhost:${port}/v1`, true));
    assert.equal(found?.ends_at, ENDS.toISOString());
    assert.match(found?.host ?? "", /^localhost:\d+$/);
    assert.equal(found?.issuer, "localhost");
    assert.equal(received, 0);
  });

  it("is seen by bun too, which runs the jobs", async () => {
    const server = createServer(selfMadeCertificate("localhost", ENDS));
    const { stdout } = await serve(server, (port) => {
      const module = JSON.stringify(new URL("../../src/probe/certificate.ts", import.meta.url).href);
      const script = `const { lookAtCertificate } = await import(${module});
        console.log(JSON.stringify([await lookAtCertificate("https://127.0.0.1:${port}/v1", true),
          await lookAtCertificate("https://127.0.0.1:${port}/v1", false)]));`;
      return promisify(execFile)("node_modules/.bin/bun", ["-e", script]);
    });
    const [found, refused] = JSON.parse(stdout) as [{ ends_at: string } | null, null];
    assert.equal(found?.ends_at, ENDS.toISOString());
    assert.equal(refused, null);
  });

  it("is not looked at where the address is private and Windmill does not let the worker call it", async () => {
    let called = 0;
    const server = createServer(selfMadeCertificate("localhost", ENDS));
    server.on("connection", () => {
      called += 1;
    });
    const found = await serve(server, (port) => lookAtCertificate(`https://localhost:${port}/v1`, false));
    assert.equal(found, null);
    assert.equal(called, 0);
  });

  it("is nothing where nothing can be seen", async () => {
    const plain = createPlainServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    assert.equal(await serve(plain, (port) => lookAtCertificate(`https://127.0.0.1:${port}/v1`, true)), null);
    assert.equal(await lookAtCertificate("https://127.0.0.1:1/v1", true), null);
    assert.equal(await lookAtCertificate("http://127.0.0.1:1/v1", true), null);
    assert.equal(await lookAtCertificate("https://", true), null);
    assert.equal(await lookAtCertificate(null, true), null);
  });
});
