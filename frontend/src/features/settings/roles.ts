import type { Role } from "@/api/types";

/** The least first; each may do what the ones before it may. */
export const ROLES: { role: Role; label: string; may: string }[] = [
  { role: "viewer", label: "Viewer", may: "Sees leads, drafts, runs and figures" },
  { role: "reviewer", label: "Reviewer", may: "Also labels, decides on drafts and starts runs" },
  { role: "operator", label: "Operator", may: "Also looks after members, keys and accounts" },
];

export function labelOf(role: Role): string {
  return ROLES.find((known) => known.role === role)?.label ?? role;
}

export function powersOf(role: Role): string {
  return ROLES.find((known) => known.role === role)?.may ?? "";
}

export function toRole(value: string): Role {
  return ROLES.find((known) => known.role === value)?.role ?? "viewer";
}
