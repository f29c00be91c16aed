import { cn } from "@/lib/cn";

interface PickBoxProps {
  name: string;
  picked: boolean;
  /** `range`: Shift was held. */
  onPick: (range: boolean) => void;
  className?: string;
}

/** The box that selects a row, over the row itself. */
export function PickBox({ name, picked, onPick, className }: PickBoxProps) {
  return (
    <label className={cn("absolute flex size-7 cursor-pointer items-center justify-center", className)}>
      <span className="sr-only">Select {name}</span>
      <input type="checkbox" checked={picked} onChange={() => undefined} onClick={(event) => onPick(event.shiftKey)} className="size-3.5 cursor-pointer accent-accent" />
    </label>
  );
}
