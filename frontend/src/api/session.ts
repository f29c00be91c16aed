import { createContext, useContext } from "react";
import type { Me, MyProject, Role } from "./types";

/** Who is signed in, and which project is open: given by the app's gates, read anywhere below them. */
export const MeContext = createContext<Me | null>(null);
export const ProjectContext = createContext<MyProject | null>(null);

const ROLES: readonly Role[] = ["viewer", "reviewer", "operator"];

export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error("useMe is for pages behind the session gate");
  return me;
}

export function useProject(): MyProject {
  const project = useContext(ProjectContext);
  if (!project) throw new Error("useProject is for pages of a project");
  return project;
}

/** Whether the reader's role in the open project reaches this far. The server decides; this only spares a refusal. */
export function useMay(role: Role): boolean {
  return ROLES.indexOf(useProject().role) >= ROLES.indexOf(role);
}
