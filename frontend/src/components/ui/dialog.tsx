import { type KeyboardEventHandler, type ReactNode, useEffect, useId, useRef } from "react";
import { cn } from "@/lib/cn";
import { IconButton } from "./button";

/**
 * For `ref`: the control that an opening dialog focuses, in place of its first button, which closes it.
 * React's autoFocus acts while the dialog is still hidden, and so does nothing.
 */
export function startHere(element: HTMLElement | null): void {
  element?.setAttribute("autofocus", "");
}

/**
 * The browser's own modal dialog: it keeps the focus, closes on Escape, makes the rest inert and gives the
 * focus back, without a style sheet written at run time (which the page's policy would refuse).
 */
export function Dialog({
  title,
  onClose,
  children,
  look = "centred",
  headless = false,
  onKeyDown,
}: {
  title: string;
  onClose: () => void;
  children: ReactNode;
  look?: "centred" | "sheet";
  /** The content brings its own heading; the title then only names the dialog. */
  headless?: boolean;
  /** Keys of its own: those of the page are silent behind it. */
  onKeyDown?: KeyboardEventHandler;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);

  return (
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      onKeyDown={onKeyDown}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
      className={cn(
        "bg-raised p-0 shadow-3",
        look === "centred"
          ? "rise w-[min(30rem,calc(100vw-2rem))] rounded-xl"
          : "h-dvh max-h-none w-full max-w-none sm:mr-0 sm:w-[min(36rem,100vw)]",
      )}
    >
      <div className={cn("flex min-h-full flex-col", look === "sheet" && "h-full")}>
        {headless ? (
          <h2 id={titleId} className="sr-only">
            {title}
          </h2>
        ) : (
          <header className="flex items-center gap-2 pt-3 pr-3 pl-5">
            <h2 id={titleId} className="grow text-lg font-semibold">
              {title}
            </h2>
            <IconButton icon="cross" label="Close" onClick={onClose} />
          </header>
        )}
        {children}
      </div>
    </dialog>
  );
}
