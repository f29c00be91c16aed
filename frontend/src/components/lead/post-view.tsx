import type { Author, Post } from "@/api/types";
import { buttonClass } from "@/components/ui/button";
import { Icon } from "@/components/ui/icon";
import { SafeLink, webAddress } from "@/components/ui/safe-link";
import { TimeAgo } from "@/components/ui/time-ago";
import { formatCompact, humanize } from "@/lib/format";
import { AuthorLine } from "./author-line";

const PLATFORMS: Record<string, string> = { x: "X", hackernews: "Hacker News", linkedin: "LinkedIn" };

export function platformName(platform: string): string {
  return PLATFORMS[platform] ?? humanize(platform);
}

/** A post as its platform shows it: always text, never markup. */
export function PostView({ post, author }: { post: Post; author: Author }) {
  const initial = (author?.name || author?.handle || "?").replace(/^@/, "").charAt(0).toUpperCase();
  return (
    <article aria-label="Post" className="rounded-lg border border-line bg-surface p-4">
      <header className="flex items-center gap-2.5">
        <span aria-hidden="true" className="flex size-8 shrink-0 items-center justify-center rounded-full bg-sunken text-sm font-semibold text-muted">
          {initial}
        </span>
        <div className="min-w-0 grow">
          <AuthorLine author={author} />
          <p className="truncate text-xs text-muted">
            {platformName(post.platform)}
            {post.community && ` · ${post.community}`} · <TimeAgo value={post.posted_at} />
          </p>
        </div>
        {webAddress(post.url) && (
          <SafeLink url={post.url} className={buttonClass("ghost", "sm")}>
            <Icon name="external" size="sm" />
            Open<span className="sr-only"> the post on {platformName(post.platform)}</span>
          </SafeLink>
        )}
      </header>
      {post.availability === "gone" ? (
        <p className="mt-3 text-base text-muted">
          Gone at {platformName(post.platform)}: it was deleted there, so its words were removed here <TimeAgo value={post.gone_at} />.
        </p>
      ) : (
        <p lang={post.language || undefined} dir="auto" className="mt-3 text-base break-words whitespace-pre-wrap">
          {post.text}
        </p>
      )}
      {post.availability === "unknown" && (
        <p className="mt-2 text-xs text-muted">
          {platformName(post.platform)} did not say whether it is still there; it was asked <TimeAgo value={post.checked_at} />.
        </p>
      )}
      <dl className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
        <Metric label="Likes" value={post.likes} />
        <Metric label="Replies" value={post.replies} />
        <Metric label="Reposts" value={post.reposts} />
        <Metric label="Views" value={post.views} />
        {post.language && (
          <div className="flex gap-1">
            <dt>Language</dt>
            <dd className="font-medium text-soft uppercase">{post.language}</dd>
          </div>
        )}
      </dl>
    </article>
  );
}

function Metric({ label, value }: { label: string; value: number | null }) {
  return (
    <div className="flex gap-1">
      <dt>{label}</dt>
      <dd className="font-medium text-soft tabular-nums">{formatCompact(value)}</dd>
    </div>
  );
}
