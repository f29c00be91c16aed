import { Icon } from "@/components/ui/icon";
import { cn } from "@/lib/cn";

interface Named {
  handle: string;
  name: string;
  verified: boolean | null;
}

/** Signs that turn the direction of what stands behind them: a name may not pose as another by them. */
const TURNS_TEXT = /[\u202a-\u202e\u2066-\u2069]/g;

export function AuthorLine({ author, className }: { author: Named | null; className?: string }) {
  if (!author) return <span className={cn("text-muted", className)}>Unknown author</span>;
  const name = author.name || author.handle || "Unnamed";
  return (
    <span className={cn("flex min-w-0 items-center gap-1", className)}>
      <bdi className="truncate font-medium">{name.replace(TURNS_TEXT, "")}</bdi>
      {author.verified && (
        <>
          <Icon name="verified" size="sm" className="text-accent-text" />
          <span className="sr-only">verified</span>
        </>
      )}
      {author.handle && author.handle !== name && <bdi className="shrink-1000 truncate text-muted">@{author.handle.replace(/^@/, "").replace(TURNS_TEXT, "")}</bdi>}
    </span>
  );
}
