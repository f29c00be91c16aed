import { cn } from "@/lib/cn";
import { countCharacters, formatCount } from "@/lib/format";

export function isTooLong(text: string, limit: number): boolean {
  return countCharacters(text) > limit;
}

/** How much of the platform's limit a text takes. */
export function CharacterCount({ text, limit, id }: { text: string; limit: number; id?: string }) {
  const length = countCharacters(text);
  const over = length - limit;
  return (
    <span id={id} className={cn("text-xs tabular-nums", over > 0 ? "font-medium text-bad" : over > -limit / 10 ? "text-warn" : "text-muted")}>
      {formatCount(length)} / {formatCount(limit)}
      {over > 0 && ` · ${formatCount(over)} too long`}
    </span>
  );
}
