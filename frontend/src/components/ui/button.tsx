import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";
import { Icon, type IconName } from "./icon";

type Look = "primary" | "secondary" | "ghost" | "danger";

const LOOKS: Record<Look, string> = {
  primary: "bg-accent text-on-accent shadow-1 hover:not-disabled:bg-accent-hover",
  secondary: "border border-line-strong bg-surface text-text shadow-1 hover:not-disabled:bg-hover",
  ghost: "text-soft hover:not-disabled:bg-hover hover:not-disabled:text-text",
  danger: "border border-line-strong bg-surface text-bad shadow-1 hover:not-disabled:border-bad hover:not-disabled:bg-bad-soft",
};

const BASE =
  "inline-flex select-none items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap transition-colors disabled:opacity-50 aria-disabled:opacity-50";

interface ButtonProps extends ComponentProps<"button"> {
  look?: Look;
  size?: "md" | "sm";
  icon?: IconName;
  /** A key that does the same, shown at the end. */
  keyHint?: string;
}

export function buttonClass(look: Look = "secondary", size: "md" | "sm" = "md"): string {
  return cn(BASE, LOOKS[look], size === "md" ? "h-8 px-3" : "h-7 px-2 text-xs");
}

export function Button({ look, size, icon, keyHint, className, children, type = "button", ...rest }: ButtonProps) {
  return (
    <button type={type} className={cn(buttonClass(look, size), className)} {...rest}>
      {icon && <Icon name={icon} size={size} />}
      {children}
      {keyHint && <Key quiet={look === "primary"}>{keyHint}</Key>}
    </button>
  );
}

export function IconButton({
  icon,
  label,
  className,
  ...rest
}: Omit<ComponentProps<"button">, "children"> & { icon: IconName; label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={cn(
        "inline-flex size-8 items-center justify-center rounded-md text-muted transition-colors hover:not-disabled:bg-hover hover:not-disabled:text-text disabled:opacity-40",
        className,
      )}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  );
}

/** A keyboard key. Decoration on a button, whose own name says what it does. */
export function Key({ children, quiet = false }: { children: string; quiet?: boolean }) {
  return (
    <kbd
      aria-hidden="true"
      className={cn(
        "-mr-1 ml-0.5 hidden min-w-4.5 rounded-sm border px-1 text-center font-sans text-2xs leading-4 font-medium sm:inline-block",
        quiet ? "border-current/35" : "border-line-strong bg-canvas text-muted",
      )}
    >
      {children}
    </kbd>
  );
}
