import * as z from "zod";
import { InputError, parseInputs } from "../inputs/parse.ts";
import { findResource } from "../windmill/resources.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { FleetInput, FleetList, type FleetMember } from "./fleet.ts";

/** Who belongs to the fleet: what the form names and what a resource names. */
export interface Fleet {
  members: FleetMember[];
}

/**
 * Reads the fleet. The list can live in a resource, because Windmill copies a flow's inputs to every iteration of a loop: a
 * thousand workspaces in the form are a thousand copies of the list per run.
 *
 * @throws InputError for a list that cannot be used, naming every entry in trouble.
 */
export async function readFleet(windmill: Windmill, inputs: unknown): Promise<Fleet> {
  const { workspaces, fleet_path } = parseInputs(FleetInput, inputs);
  const listed = fleet_path === "" ? [] : await listIn(windmill, fleet_path);
  const { workspaces: members } = parseInputs(z.object({ workspaces: FleetList }), {
    workspaces: [...workspaces, ...listed],
  });
  return { members };
}

const Listed = z.looseObject({ workspaces: z.array(z.unknown()) });

async function listIn(windmill: Windmill, path: string): Promise<unknown[]> {
  const resource = await findResource(windmill, path);
  const listed = Listed.safeParse(resource?.value);
  if (listed.success) return listed.data.workspaces;
  const slip = resource
    ? `the resource ${path} holds no list. Give it the value {"workspaces": [{"workspace": "...", "token_path": "..."}]}.`
    : `there is no resource ${path}.`;
  throw new InputError([`fleet_path: ${slip}`]);
}
