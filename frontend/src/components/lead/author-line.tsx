import { Icon } from "@/components/ui/icon";
import { cn } from "@/lib/cn";

interface Named {
  handle: string;
  name: string;
  verified: boolean | null;
}

export function AuthorLine({ author, className }: { author: Named | null; className?: string }) {
  if (!author) return <span className={cn("text-muted", className)}>Unknown author</span>;
  const name = author.name || author.handle || "Unnamed";
  return (
    <span className={cn("flex min-w-0 items-center gap-1", className)}>
      <span className="truncate font-medium" dir="auto">
        {name}
      </span>
      {author.verified && (
        <>
          <Icon name="verified" size="sm" className="text-accent-text" />
          <span className="sr-only">verified</span>
        </>
      )}
      {author.handle && author.handle !== name && <span className="shrink-1000 truncate text-muted">@{author.handle.replace(/^@/, "")}</span>}
    </span>
  );
}
