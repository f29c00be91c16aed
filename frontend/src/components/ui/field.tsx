import { type ComponentProps, type ReactNode, useId } from "react";
import { cn } from "@/lib/cn";
import { Icon } from "./icon";

const CONTROL =
  "w-full rounded-md border border-control-line bg-surface px-2.5 text-text placeholder:text-muted focus-visible:outline-offset-0 disabled:opacity-60 aria-invalid:border-bad max-sm:text-lg";

export const INPUT = cn(CONTROL, "h-8");
export const TALL_INPUT = cn(CONTROL, "h-9");
export const TEXTAREA = cn(CONTROL, "py-2 leading-5.5");

/** A label, its control, and what is wrong with it or worth knowing. */
export function Field({
  label,
  hint,
  error,
  className,
  children,
}: {
  label: string;
  hint?: string;
  error?: string;
  className?: string;
  children: (attributes: { id: string; "aria-describedby"?: string; "aria-invalid"?: true }) => ReactNode;
}) {
  const id = useId();
  const note = error ?? hint;
  const noteId = `${id}-note`;
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block text-xs font-medium text-soft">
        {label}
      </label>
      {children({ id, ...(note && { "aria-describedby": noteId }), ...(error && { "aria-invalid": true as const }) })}
      {note && (
        <p id={noteId} className={cn("mt-1 text-xs", error ? "text-bad" : "text-muted")}>
          {note}
        </p>
      )}
    </div>
  );
}

export function Select({ className, children, ...rest }: ComponentProps<"select">) {
  return (
    <span className={cn("relative block", className)}>
      <select {...rest} className={cn(INPUT, "appearance-none pr-7")}>
        {children}
      </select>
      <Icon name="chevronDown" size="sm" className="pointer-events-none absolute top-2 right-2 translate-y-px text-muted" />
    </span>
  );
}
