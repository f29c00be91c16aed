import type { ComponentProps } from "react";
import type { Role } from "@/api/types";
import { Select } from "@/components/ui/field";
import { ROLES, toRole } from "./roles";

export function RoleSelect({ value, onChoose, ...rest }: Omit<ComponentProps<typeof Select>, "value" | "onChange" | "children"> & { value: Role; onChoose: (role: Role) => void }) {
  return (
    <Select {...rest} value={value} onChange={(event) => onChoose(toRole(event.target.value))}>
      {ROLES.map(({ role, label }) => (
        <option key={role} value={role}>
          {label}
        </option>
      ))}
    </Select>
  );
}
