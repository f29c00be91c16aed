import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";
import { cn } from "@/lib/cn";
import { IconButton, Key } from "./button";

interface ToastContent {
  message: string;
  tone?: "neutral" | "bad";
  action?: { label: string; key?: string; run: () => void };
}

interface ShownToast extends ToastContent {
  id: number;
}

interface Toasts {
  show: (toast: ToastContent) => void;
  dismiss: () => void;
}

const Context = createContext<Toasts | null>(null);
const SECONDS = 8;
let lastId = 0;

/** One message at a time, at the bottom; the next takes its place. It waits while the pointer or the focus is on it. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [toast, setToast] = useState<ShownToast | null>(null);
  const [held, setHeld] = useState(false);

  const show = useCallback((content: ToastContent) => {
    lastId += 1;
    setToast({ ...content, id: lastId });
  }, []);
  const dismiss = useCallback(() => {
    setToast(null);
    setHeld(false);
  }, []);

  useEffect(() => {
    if (!toast || held) return;
    const timer = setTimeout(dismiss, SECONDS * 1000);
    return () => clearTimeout(timer);
  }, [toast, held, dismiss]);

  const toasts = useMemo(() => ({ show, dismiss }), [show, dismiss]);
  return (
    <Context value={toasts}>
      {children}
      <div
        role="status"
        aria-live="polite"
        className="pointer-events-none fixed inset-x-0 bottom-32 z-40 flex justify-center px-4 md:bottom-18"
      >
        {toast && (
          <div
            key={toast.id}
            onMouseEnter={() => setHeld(true)}
            onMouseLeave={() => setHeld(false)}
            onFocus={() => setHeld(true)}
            onBlur={() => setHeld(false)}
            className="rise pointer-events-auto flex max-w-lg items-center gap-1 rounded-lg bg-raised py-1 pr-1 pl-4 shadow-3"
          >
            <p className={cn("py-1 pr-2", toast.tone === "bad" && "text-bad")}>{toast.message}</p>
            {toast.action && (
              <button
                type="button"
                className="inline-flex h-8 items-center gap-1.5 rounded-md px-2.5 font-medium text-accent-text hover:bg-hover"
                onClick={() => {
                  dismiss();
                  toast.action?.run();
                }}
              >
                {toast.action.label}
                {toast.action.key && <Key>{toast.action.key}</Key>}
              </button>
            )}
            <IconButton icon="cross" label="Dismiss message" onClick={dismiss} />
          </div>
        )}
      </div>
    </Context>
  );
}

export function useToasts(): Toasts {
  const toasts = useContext(Context);
  if (!toasts) throw new Error("useToasts needs a ToastProvider");
  return toasts;
}
