import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { hashOf, readReleases } from "../../../tools/build/releases.ts";
import { ROOT } from "../../../tools/shared/programs.ts";
import { withTemporaryFolder } from "../../../tools/shared/temporary.ts";
import { RELEASE_010, writeRelease010 } from "../../world/release_010.ts";
import { bunLock, installedPackages, learnFrom } from "../windmill/jobs/bun_lock.ts";
import { directImports, packagesOf } from "../windmill/jobs/modules.ts";

const sources = new Map(RELEASE_010.map(({ path, stub }) => [path, stub]));

/** The number of ways from each script to those that import it, directly or not. */
function ways(importers: ReadonlyMap<string, readonly string[]>): number {
  const known = new Map<string, number>();
  const from = (path: string): number => {
    const ofPath =
      known.get(path) ?? (importers.get(path) ?? []).reduce((sum, importer) => sum + 1 + from(importer), 0);
    known.set(path, ofPath);
    return ofPath;
  };
  return [...sources.keys()].reduce((sum, path) => sum + from(path), 0);
}

describe("the tree of version 0.1.0", () => {
  it("has the scripts and the graph of that version", () => {
    assert.equal(RELEASE_010.length, 156);
    const importers = new Map<string, string[]>();
    for (const [path, source] of sources) {
      for (const imported of directImports(path, source)) {
        assert.ok(sources.has(imported), `${path} imports ${imported}`);
        importers.set(imported, [...(importers.get(imported) ?? []), path]);
      }
    }
    const edges = [...importers.values()].flat().length;
    const typeOnly = [...sources.values()].join("").match(/^import type /gm)?.length;
    assert.deepEqual({ edges, typeOnly, ways: ways(importers) }, { edges: 532, typeOnly: 195, ways: 39_708 });
  });

  it("knows what was released from what a stub is", () => {
    for (const { stub, stubSha256 } of RELEASE_010) assert.equal(hashOf(stub), stubSha256);
    const hashes = RELEASE_010.flatMap(({ sha256, stubSha256 }) => [sha256, stubSha256]);
    assert.equal(new Set(hashes).size, 2 * RELEASE_010.length);
  });

  it("is what an upgrade takes for that version", async () => {
    const released = Object.fromEntries(RELEASE_010.map(({ path, sha256 }) => [path, sha256]));
    assert.deepEqual((await readReleases(ROOT))["0.1.0"], released);
  });

  it("is written with the locks that a server makes of it, and with nothing else in its scope", async () => {
    await withTemporaryFolder(async (root) => {
      await writeRelease010(root);
      const registry = installedPackages();
      for (const { path, stub } of RELEASE_010) {
        assert.equal(await readFile(join(root, `${path}.ts`), "utf8"), stub);
        const lock = await readFile(join(root, `${path}.script.lock`), "utf8");
        learnFrom(lock, registry);
        assert.equal(lock, bunLock(packagesOf(path, sources).packages, registry, 1), path);
      }
      const files = (await readdir(join(root, "f"), { recursive: true, withFileTypes: true })).filter((one) =>
        one.isFile(),
      );
      assert.equal(files.length, 3 * RELEASE_010.length + 2 + 1);
      const { includes } = parse(await readFile(join(root, "wmill.yaml"), "utf8")) as { includes: string[] };
      assert.equal(includes.length, RELEASE_010.length + 2 + 1);
    });
  });
});
