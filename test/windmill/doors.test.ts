import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ROOT } from "../../tools/shared/programs.ts";

/** Lines of the sources that match, outside of the files that may. */
async function lines(pattern: RegExp, besides: readonly string[]): Promise<string[]> {
  const files = (await readdir(join(ROOT, "src"), { recursive: true })).filter((file) => file.endsWith(".ts"));
  const found = await Promise.all(
    files
      .filter((file) => !besides.includes(file))
      .map(async (file) => {
        const text = await readFile(join(ROOT, "src", file), "utf8");
        return text.split("\n").flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}`] : []));
      }),
  );
  return found.flat();
}

describe("the doors of a run", () => {
  it("are the only places that write into the log, and through which results leave", async () => {
    assert.deepEqual(
      await lines(/\bconsole\.(?:log|error|warn|info|debug)|process\.std(?:out|err)/, ["windmill/run.ts"]),
      [],
    );
    assert.deepEqual(
      await lines(/\bfinish\(|[^.]\bopenWindmill\(/, [
        "windmill/run.ts",
        "windmill/windmill.ts",
        "fleet/member_check.ts",
      ]),
      [],
    );
  });

  it("are used by every script, but for the one that asks nobody and knows no secret", async () => {
    const scripts = await readdir(join(ROOT, "src/commands"));
    for (const file of scripts.filter((name) => name !== "explain.ts")) {
      const text = await readFile(join(ROOT, "src/commands", file), "utf8");
      assert.match(text, /return (?:run|answer|answerPage)\(/, file);
    }
  });

  it("are the only places where a secret is unwrapped: the variable that stores it, the token of another workspace, the webhook, the list that a form asks for", async () => {
    const allowed = [
      "core/secret.ts",
      "core/known_secrets.ts",
      "windmill/variables.ts",
      "fleet/member_check.ts",
      "tell/webhook.ts",
      "probe/direct.ts",
    ];
    assert.deepEqual(await lines(/\.unwrap\(\)/, allowed), []);
  });
});
