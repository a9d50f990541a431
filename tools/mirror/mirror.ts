import { stringify } from "yaml";
import { z } from "zod";
import { isPath } from "../../src/core/paths.ts";
import { looksLikeCredential } from "../../src/core/redact.ts";
import { PROVIDER } from "../../src/observe/ai_settings.ts";
import { Refusal } from "../shared/errors.ts";
import { ask, preflight } from "../shared/preflight.ts";
import type { Target } from "../shared/windmill_api.ts";

const Settings = z.looseObject({
  ai_config: z
    .looseObject({
      providers: z.record(z.string(), z.looseObject({ resource_path: z.string().optional() })).nullish(),
    })
    .nullish(),
});
const Resource = z.looseObject({
  description: z.string().nullish(),
  resource_type: z.string(),
  value: z.record(z.string(), z.unknown()),
});
const Variable = z.looseObject({
  description: z.string().nullish(),
  is_secret: z.boolean(),
  value: z.string().nullable(),
});

/** A file of the mirror, with its path relative to the repository's root. */
export interface MirrorFile {
  file: string;
  text: string;
}

const NEEDS_ADMIN = "Reading the workspace's AI settings and other people's secrets in encrypted form is for admins.";

/** Bytes of a block of Windmill's cipher (AES): its ciphertexts are whole blocks, in base64. */
const BLOCK = 16;

/**
 * Reads a connection as two files in the format of `wmill sync`: the resource, and Windmill's encrypted export of the secret
 * variable that it names. Nothing is decrypted on the way: the server is asked for the ciphertext.
 *
 * @param resourcePath of the resource; by default that of the workspace's AI settings.
 * @throws {@link Refusal} when anything read holds a credential in the clear.
 */
export async function readMirror(target: Target, resourcePath: string | undefined): Promise<MirrorFile[]> {
  await preflight(target, NEEDS_ADMIN);
  const path = resourcePath ?? (await connectedResource(target));
  const resource = await ask(target, `w/${target.workspace}/resources/get/${path}`, Resource);
  const secretPath = secretPathOf(resource.value, path);
  const query = "decrypt_secret=false&include_encrypted=true";
  const variable = await ask(target, `w/${target.workspace}/variables/get/${secretPath}?${query}`, Variable);
  return [
    {
      file: `${path}.resource.yaml`,
      text: asYaml({
        description: resource.description ?? "",
        value: resource.value,
        resource_type: resource.resource_type,
      }),
    },
    {
      file: `${secretPath}.variable.yaml`,
      text: asYaml({
        description: variable.description ?? "",
        value: ciphertextOf(variable, secretPath),
        is_secret: true,
      }),
    },
  ];
}

async function connectedResource(target: Target): Promise<string> {
  const settings = await ask(target, `w/${target.workspace}/workspaces/get_settings`, Settings);
  const path = settings.ai_config?.providers?.[PROVIDER]?.resource_path;
  if (path === undefined || !isPath(path)) {
    throw new Refusal(
      `The AI settings of "${target.workspace}" have no ${PROVIDER} provider of their own. Connect the workspace first, or name ` +
        "the resource with --resource <path>.",
    );
  }
  return path;
}

/** The path behind the resource's `$var:`; everything else in the resource must be free of credentials. */
function secretPathOf(value: Record<string, unknown>, path: string): string {
  const secretPath = /^\$var:(.+)$/.exec(typeof value.api_key === "string" ? value.api_key : "")?.[1];
  if (secretPath === undefined || !isPath(secretPath)) {
    throw new Refusal(
      `The api_key of the resource ${path} is no reference to a secret variable ($var:<path>), so it may be the key itself. ` +
        "Nothing was written. Move the key into a secret variable (the connect form does it) and mirror again.",
    );
  }
  if (looksLikeCredential(JSON.stringify(value))) {
    throw new Refusal(
      `The resource ${path} holds something that looks like a credential, in base_url or headers. Nothing was written. ` +
        "Remove it there: everybody who may read the resource sees it.",
    );
  }
  return secretPath;
}

/** The variable's value, after making sure that it is what Windmill's cipher makes and not a text. */
function ciphertextOf(variable: z.infer<typeof Variable>, path: string): string {
  const value = variable.value ?? "";
  const bytes = /^[A-Za-z0-9+/]+={0,2}$/.test(value) ? Buffer.from(value, "base64") : Buffer.alloc(0);
  const wholeBlocks = bytes.length > 0 && bytes.length % BLOCK === 0 && bytes.toString("base64") === value;
  const readable = bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  if (variable.is_secret && wholeBlocks && !readable) return value;
  throw new Refusal(
    `Windmill did not send the variable ${path} in encrypted form${variable.is_secret ? "" : ": it is not marked as secret"}. ` +
      "Nothing was written. A workspace with an external secret store has no encrypted export; otherwise make the variable a secret.",
  );
}

/** YAML as `wmill sync pull` writes it. */
const asYaml = (content: Record<string, unknown>): string => stringify(content, { singleQuote: true, lineWidth: 0 });
