import { cn } from "@/lib/cn";

export function Logo({ className = "size-6" }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={cn("shrink-0", className)}>
      <rect width="32" height="32" rx="8" className="fill-accent" />
      <circle cx="9.5" cy="22.5" r="2.75" className="fill-on-accent" />
      <path d="M9 15a8 8 0 0 1 8 8M9 8.5A14.5 14.5 0 0 1 23.5 23" fill="none" strokeWidth="3" strokeLinecap="round" className="stroke-on-accent" />
    </svg>
  );
}
