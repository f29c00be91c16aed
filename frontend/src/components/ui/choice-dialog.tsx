import type { ReactNode } from "react";
import { Dialog } from "./dialog";
import { choiceOf, type DigitChoice, DigitChoices } from "./digit-choices";

interface ChoiceDialogProps {
  title: string;
  choices: readonly DigitChoice[];
  onChoose: (id: string) => void;
  onClose: () => void;
  children?: ReactNode;
}

/** One of several, by digit or click. */
export function ChoiceDialog({ title, choices, onChoose, onClose, children }: ChoiceDialogProps) {
  return (
    <Dialog
      title={title}
      onClose={onClose}
      onKeyDown={(event) => {
        const choice = choiceOf(event, choices);
        if (!choice) return;
        event.preventDefault();
        onChoose(choice.id);
      }}
    >
      <div className="flex flex-col gap-4 px-5 pt-2 pb-5">
        <DigitChoices choices={choices} onChoose={onChoose} focusFirst />
        {children}
      </div>
    </Dialog>
  );
}
