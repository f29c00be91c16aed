import type { ReactNode } from "react";
import { messageOf } from "@/api/problem";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Notice } from "./states";

interface ConfirmDialogProps {
  title: string;
  /** What will be so afterwards. */
  children: ReactNode;
  /** The act, in its own words: never just "OK". */
  confirm: string;
  pending: boolean;
  error: unknown;
  onConfirm: () => void;
  onClose: () => void;
}

/** Before what cannot be taken back. A refusal is told here, where it was asked for. */
export function ConfirmDialog({ title, children, confirm, pending, error, onConfirm, onClose }: ConfirmDialogProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="flex flex-col gap-4 px-5 pt-1 pb-5">
        <div className="text-soft">{children}</div>
        {Boolean(error) && <Notice>{messageOf(error)}</Notice>}
        <div className="flex justify-end gap-2">
          <Button look="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button look="danger" disabled={pending} onClick={onConfirm}>
            {pending ? "One moment…" : confirm}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
