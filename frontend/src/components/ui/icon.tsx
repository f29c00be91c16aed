import { cn } from "@/lib/cn";

/** Drawn on a 16 x 16 grid with a stroke of 1.5. */
const SHAPES = {
  overview: "M2.5 9.5h3v4h-3zM6.5 5.5h3v8h-3zM10.5 2.5h3v11h-3z",
  leads: "M2.5 3.5h11M2.5 8h11M2.5 12.5h7",
  queue: "M2.5 9.5h3l1 2h3l1-2h3M2.5 9.5v4h11v-4l-2-7h-7z",
  blind: "M2 8c1.5 2.2 3.5 3.3 6 3.3s4.5-1.1 6-3.3M3.8 10l-1.1 1.5M8 11.3v1.9M12.2 10l1.1 1.5",
  runs: "M5 3.5v9l7.5-4.5z",
  check: "M3 8.5l3.2 3.2L13 4.8",
  cross: "M4 4l8 8M12 4l-8 8",
  pencil: "M3 13l.7-3L10.5 3.2a1.2 1.2 0 0 1 1.7 0l.6.6a1.2 1.2 0 0 1 0 1.7L6 12.3z",
  undo: "M5.5 3L2.5 6l3 3M2.5 6h6.8a3.7 3.7 0 0 1 0 7.4H6.5",
  external: "M9 3h4v4M13 3L7.5 8.5M11.5 9.5v3.5h-8.5v-8.5h3.5",
  search: "M7 2.8a4.2 4.2 0 1 1 0 8.4 4.2 4.2 0 0 1 0-8.4zM10.2 10.2L13.5 13.5",
  filter: "M2.5 4h11M4.5 8h7M6.5 12h3",
  chevronDown: "M4 6l4 4 4-4",
  chevronLeft: "M10 3.5L5.5 8l4.5 4.5",
  chevronRight: "M6 3.5L10.5 8 6 12.5",
  updown: "M5 6l3-3 3 3M5 10l3 3 3-3",
  sun: "M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6zM8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9",
  moon: "M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8z",
  monitor: "M2 3h12v8H2zM6 13.5h4M8 11v2.5",
  help: "M6.2 6.2A1.9 1.9 0 1 1 8.6 8.1c-.4.2-.6.5-.6.9v.4M8 11.6v.1M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8z",
  alert: "M8 2.2L14.3 13H1.7zM8 6.5v3M8 11.2v.1",
  lock: "M4 7.2h8v6H4zM5.5 7.2V5.4a2.5 2.5 0 0 1 5 0v1.8",
  inbox: "M2.5 9.5h3l1 2h3l1-2h3M2.5 9.5v4h11v-4l-2-7h-7z",
  verified: "M8 1.8l1.6 1.3 2-.1.5 2 1.7 1.1-.8 1.9.8 1.9-1.7 1.1-.5 2-2-.1L8 14.2l-1.6-1.3-2 .1-.5-2-1.7-1.1L3 8l-.8-1.9 1.7-1.1.5-2 2 .1zM5.8 8.1l1.6 1.6 2.9-3",
  user: "M8 2.5a2.7 2.7 0 1 1 0 5.4 2.7 2.7 0 0 1 0-5.4zM2.8 13.5c.5-2.4 2.6-3.7 5.2-3.7s4.7 1.3 5.2 3.7",
  signOut: "M6.5 13H3V3h3.5M10 5l3 3-3 3M13 8H6",
  half: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM8 2.5v11",
  dash: "M4.5 8h7",
  keyboard: "M1.8 4h12.4v8H1.8zM4.2 6.5h.1M6.7 6.5h.1M9.2 6.5h.1M11.7 6.5h.1M5 9.5h6",
  refresh: "M13 8a5 5 0 1 1-1.5-3.5L13 6M13 2.8V6H9.8",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  send: "M2.5 2.8L13.5 8l-11 5.2L4.5 8zM4.5 8h4",
  stop: "M4.5 4.5h7v7h-7z",
  clock: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM8 5v3.2l2 1.3",
  menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
  spark: "M8 2l1.4 4.1L13.5 8l-4.1 1.4L8 13.5 6.6 9.4 2.5 8l4.1-1.9z",
  settings: "M2.5 5h4.2M10.3 5h3.2M2.5 11h1.2M7.3 11h6.2M8.5 3.2a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6zM5.5 9.2a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6z",
  plus: "M8 3v10M3 8h10",
  copy: "M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1",
  key: "M5 7.8a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6zM7 8.6L13 2.6M10.5 5.1l2.3 2.3M8.9 6.7l1.3 1.3",
  plug: "M5.5 2.5v3M10.5 2.5v3M3.8 5.5h8.4v2.2a4.2 4.2 0 0 1-8.4 0zM8 11.9v2",
  people: "M6 3a2.4 2.4 0 1 1 0 4.8A2.4 2.4 0 0 1 6 3zM1.8 13c.4-2.2 2.1-3.3 4.2-3.3s3.8 1.1 4.2 3.3M10.6 3.2a2.3 2.3 0 0 1 0 4.4M12 9.9c1.2.5 2 1.6 2.3 3.1",
  table: "M2.5 3h11v10h-11zM2.5 6.5h11M6.5 6.5V13",
} as const;

export type IconName = keyof typeof SHAPES;

const SIZES = { xs: "size-3", sm: "size-3.5", md: "size-4", lg: "size-4.5" };

/** Always decoration: the word stands beside it, or names the button. */
export function Icon({ name, size = "md", className }: { name: IconName; size?: keyof typeof SIZES; className?: string }) {
  return (
    <svg
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      className={cn("shrink-0", SIZES[size], className)}
    >
      <path d={SHAPES[name]} />
    </svg>
  );
}
