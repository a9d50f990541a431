/** The name of the resource type, and the schema that Windmill's hub gives it (recorded from a real server). */
export const RESOURCE_TYPE = {
  name: "customai",
  description: "OpenAI-compatible AI provider",
  schema: {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    required: [],
    properties: {
      api_key: { type: "string", description: "", default: "", password: true },
      base_url: { type: "string", description: "", default: "" },
      headers: { type: "object", description: "", default: {} },
    },
  },
} as const;

/** Description of every resource that this product creates; it is how the product knows its own. */
export const RESOURCE_DESCRIPTION = "Codex Pooler API credentials for Windmill AI";

/** Description of every secret variable that this product creates; it is how the product knows its own. */
export const SECRET_DESCRIPTION = "Pool API key for Windmill AI (made by f/codex_pooler/connect)";
