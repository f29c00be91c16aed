import { type FormEvent, useState } from "react";
import { useAddMember } from "@/api/add-member";
import { messageOf } from "@/api/problem";
import type { Role } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog, startHere } from "@/components/ui/dialog";
import { Field, INPUT } from "@/components/ui/field";
import { Notice } from "@/components/ui/states";
import { useToasts } from "@/components/ui/toast";
import { labelOf, powersOf } from "../roles";
import { RoleSelect } from "../role-select";

export function AddMemberDialog({ project, onClose }: { project: string; onClose: () => void }) {
  const add = useAddMember(project);
  const toasts = useToasts();
  const [username, setUsername] = useState("");
  const [role, setRole] = useState<Role>("reviewer");

  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate(
      { username: username.trim(), role },
      {
        onSuccess: (member) => {
          toasts.show({ message: `${member.name} joined as ${labelOf(member.role).toLowerCase()}.` });
          onClose();
        },
      },
    );
  };

  return (
    <Dialog title="Add a member" onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4 px-5 pt-1 pb-5">
        <Field label="User name" hint="Of an account that exists, exactly as they sign in">
          {(attributes) => (
            <input {...attributes} ref={startHere} required maxLength={150} autoComplete="off" autoCapitalize="none" spellCheck={false} value={username} onChange={(event) => setUsername(event.target.value)} className={INPUT} />
          )}
        </Field>
        <Field label="Role" hint={powersOf(role)}>
          {(attributes) => <RoleSelect {...attributes} value={role} onChoose={setRole} />}
        </Field>
        {add.isError && <Notice>{messageOf(add.error)}</Notice>}
        <div className="flex justify-end gap-2">
          <Button look="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" look="primary" disabled={add.isPending || username.trim() === ""}>
            {add.isPending ? "Adding…" : "Add member"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
