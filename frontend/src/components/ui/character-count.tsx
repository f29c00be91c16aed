import { cn } from "@/lib/cn";
import { formatCount } from "@/lib/format";
import { lengthOn } from "@/lib/length";

/** By the platform's own count; a text of ours alone has none, and counts its characters. */
export function isTooLong(text: string, limit: number, platform = ""): boolean {
  return lengthOn(platform, text) > limit;
}

interface CharacterCountProps {
  text: string;
  limit: number;
  platform?: string;
  id?: string;
}

/** How much of the platform's limit a text takes. */
export function CharacterCount({ text, limit, platform = "", id }: CharacterCountProps) {
  const length = lengthOn(platform, text);
  const over = length - limit;
  return (
    <span id={id} className={cn("text-xs tabular-nums", over > 0 ? "font-medium text-bad" : over > -limit / 10 ? "text-warn" : "text-muted")}>
      {formatCount(length)} / {formatCount(limit)}
      {over > 0 && ` · ${formatCount(over)} too long`}
    </span>
  );
}
