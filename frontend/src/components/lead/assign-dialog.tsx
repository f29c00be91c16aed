import { useAssignees } from "@/api/list-assignees";
import { messageOf } from "@/api/problem";
import { useMe } from "@/api/session";
import { ChoiceDialog } from "@/components/ui/choice-dialog";
import { Notice } from "@/components/ui/states";

const NOBODY = "";

interface AssignDialogProps {
  project: string;
  title: string;
  onAssign: (to: string | null) => void;
  onClose: () => void;
}

/** Oneself first, then the others by name; nobody last. */
export function AssignDialog({ project, title, onAssign, onClose }: AssignDialogProps) {
  const me = useMe().username;
  const people = useAssignees(project);
  const others = (people.data ?? []).filter((name) => name !== me);
  const choices = [
    { id: me, label: "Me", note: me },
    ...others.map((name) => ({ id: name, label: name })),
    ...(people.isPending ? [] : [{ id: NOBODY, label: "Nobody" }]),
  ];
  return (
    <ChoiceDialog title={title} choices={choices} onChoose={(id) => onAssign(id === NOBODY ? null : id)} onClose={onClose}>
      {people.isError && <Notice>{messageOf(people.error)}</Notice>}
    </ChoiceDialog>
  );
}
