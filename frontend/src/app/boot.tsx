import { Logo } from "@/components/ui/logo";

/** Between the first byte and the first page: quiet, centred, gone in a moment. */
export function Boot() {
  return (
    <div role="status" className="flex h-full items-center justify-center">
      <Logo className="breathe size-9" />
      <span className="sr-only">Loading SignalOps…</span>
    </div>
  );
}
