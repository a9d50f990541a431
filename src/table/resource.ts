import { RUN_CHECK } from "./remedies.ts";
import type { Row } from "./row.ts";

const EDIT_RESOURCE = "Open Resources > {resource_path} > Edit.";

/** The customai resource: where it is, its shape, and what its value says apart from the base URL and the headers. */
export const RESOURCE_ROWS: readonly Row[] = [
  {
    code: "resource-missing",
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: "{resource} is not there",
    cause:
      "The AI settings name a resource that does not exist, was moved, or, for a request that names the resource itself (X-Resource-Path), is hidden from its caller.",
    remedy: [
      "Look for it under Resources. If it was moved, choose it in Workspace settings > Windmill AI > Custom AI and save.",
      "If it is gone, run f/codex_pooler/connect; deleting a resource also deletes the secret variable that it references, so have a key at hand.",
    ],
    repairable: true,
    match: [{ windmill: /^Not found: Could not find the resource/, unless_status: [400] }],
    tells_apart:
      "If users' chat works and only a check with X-Resource-Path fails, the resource is there and the caller may not read it.",
    explains: ["secret-missing"],
    examples: [
      {
        status: 404,
        body: "Not found: Could not find the resource u/admin/absent, update the resource path in the workspace settings",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "resource-path-empty",
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: "The AI settings name no resource for customai",
    cause: "The provider customai is enabled, but its resource path is empty.",
    remedy: [
      "Choose the customai resource in Workspace settings > Windmill AI > Custom AI and save, or run f/codex_pooler/connect.",
    ],
    repairable: true,
    match: [{ windmill: /^Bad request: Resource path is empty/, status: [400] }],
    examples: [{ body: "Bad request: Resource path is empty", content_type: "text/plain" }],
  },
  {
    code: "resource-empty",
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: "{resource} has no value",
    cause: "The resource exists, but nothing was ever stored in it.",
    remedy: [EDIT_RESOURCE, "Fill in base_url and api_key, or run f/codex_pooler/connect.", RUN_CHECK],
    repairable: true,
    match: [{ windmill: /^Bad request: Empty resource value/, status: [400] }],
    examples: [{ body: "Bad request: Empty resource value for u/admin/pooler", content_type: "text/plain" }],
  },
  {
    code: "resource-malformed",
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: "The value of {resource} has the wrong shape",
    cause:
      "Windmill cannot read the resource: its value is not an object, or a field has a value of the wrong kind. `headers` must be an object whose values are all texts.",
    remedy: [
      EDIT_RESOURCE,
      `Give it this shape and save.
base_url: https://codex-pooler.example.com/v1
api_key: $var:<path of the secret variable>
headers: {}`,
      RUN_CHECK,
    ],
    match: [{ windmill: /^Bad request: .*\bAIResource\b/, status: [400] }],
    examples: [
      { body: "Bad request: data did not match any variant of untagged enum AIResource", content_type: "text/plain" },
    ],
  },
  {
    code: "resource-type-missing",
    layer: "resource",
    severity: "warning",
    owner: "workspace-admin",
    title: "The resource type customai is missing",
    cause:
      "Windmill gets the resource type from its Hub. Without it requests work, but no page offers the resource for choosing.",
    remedy: [
      "Run f/codex_pooler/connect, which creates the type, or let the instance sync resource types from the Hub.",
    ],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "resource-type-other",
    layer: "resource",
    severity: "warning",
    owner: "workspace-admin",
    title: "{resource} is not of the type customai",
    cause:
      "Windmill's proxy does not mind the type, but its pages list only resources of type customai: the next person who opens the AI settings does not see this one.",
    remedy: [
      "Run f/codex_pooler/connect with another resource_path: Windmill cannot change the type of a resource, and this one may be somebody else's.",
    ],
    match: [],
    examples: [],
  },
  {
    code: "resource-unreadable",
    layer: "resource",
    severity: "info",
    owner: "workspace-admin",
    title: "The caller may not read {resource}",
    cause:
      "The resource belongs to someone else, so its base URL, headers and key could not be looked at. Users' requests work all the same: Windmill reads it with its own rights.",
    remedy: ["Run the check as an admin to have these parts looked at."],
    match: [],
    examples: [],
  },
  {
    code: "item-exists",
    layer: "resource",
    severity: "warning",
    owner: "workspace-admin",
    title: "Something with this path exists already",
    cause: "A variable, resource, resource type or schedule could not be created, because one of that path is there.",
    remedy: ["Choose another path, or edit the one that is there."],
    match: [{ windmill: /^Bad request: (?:Variable|Resource|Resource type|Schedule|Folder) \S{1,300} already exists/ }],
    examples: [{ body: "Bad request: Variable u/admin/recorded_secret already exists", content_type: "text/plain" }],
  },
  {
    code: "path-refused",
    layer: "resource",
    severity: "warning",
    owner: "workspace-admin",
    title: "Windmill refuses this path",
    cause:
      "A path must have the form u/<user>/<name>, f/<folder>/<name> or g/<group>/<name>, with letters, digits, _ and - only.",
    remedy: ["Choose a path of that form."],
    match: [
      { windmill: /^Bad request: Invalid path/ },
      { windmill: /^SqlErr: .*check constraint "proper_(?:id|name)/ },
    ],
    examples: [
      {
        body: "Bad request: Invalid path: it must be of the form u/<user>/<name>, f/<folder>/<name> or g/<group>/<name>",
        content_type: "text/plain",
      },
      {
        body: 'SqlErr: error returned from database: new row for relation "variable" violates check constraint "proper_id" @variables.rs:628:5',
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "item-missing",
    layer: "resource",
    severity: "info",
    owner: "workspace-admin",
    title: "Windmill has no item of this path",
    cause:
      "The variable, resource, script, flow, folder, schedule or job that was asked for does not exist, or its caller may not see it. Before something is created for the first time this is the normal answer.",
    remedy: ["Check the path, and that the caller may read it."],
    match: [{ windmill: /^Not found: /, unless_status: [400], last: true }],
    examples: [
      { status: 404, body: "Not found: Script not found at path f/sample/inspect", content_type: "text/plain" },
      { status: 404, body: "Not found: Resource u/admin/recorded_resource not found", content_type: "text/plain" },
      {
        status: 404,
        body: "Not found: Variable not found at name u/admin/absent (variables.rs:1301)",
        content_type: "text/plain",
      },
    ],
  },
];
