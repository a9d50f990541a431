import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "../../tools/shared/programs.ts";

/** A small repository in a folder of its own, with this repository's packages. */
export interface BundleFixture {
  root: string;
  read(file: string): Promise<string>;
  write(file: string, text: string): Promise<void>;
  remove(file: string): Promise<void>;
  /** Deletes the folder. */
  end(): Promise<void>;
}

/**
 * Makes a repository that holds the given files.
 *
 * @param files texts by path relative to `f/codex_pooler/`.
 */
export async function bundleFixture(files: Readonly<Record<string, string>>): Promise<BundleFixture> {
  const root = await mkdtemp(join(tmpdir(), "codex-pooler-test-"));
  const fixture: BundleFixture = {
    root,
    read: (file) => readFile(join(root, "f/codex_pooler", file), "utf8"),
    async write(file, text) {
      const path = join(root, "f/codex_pooler", file);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    },
    remove: (file) => rm(join(root, "f/codex_pooler", file)),
    end: () => rm(root, { recursive: true, force: true }),
  };
  for (const file of ["package.json", "package-lock.json", "tsconfig.json"])
    await cp(join(ROOT, file), join(root, file));
  for (const [file, text] of Object.entries(files)) await fixture.write(file, text);
  return fixture;
}
