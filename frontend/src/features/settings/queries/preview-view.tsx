import type { PreviewedPost, QueryPreview } from "@/api/types";
import { EmptyState, Notice } from "@/components/ui/states";
import { SafeLink, webAddress } from "@/components/ui/safe-link";
import { Status } from "@/components/ui/status";
import { TimeAgo } from "@/components/ui/time-ago";
import { formatPercent } from "@/lib/format";
import { Framed } from "../section";
import { Snippet } from "./snippet";

/** What was found. Posts are text, whatever they hold. */
export function PreviewView({ preview: { posts, per_day_from, cost, problems }, query }: { preview: QueryPreview; query: { platform: string; text: string } }) {
  return (
    <>
      {problems.map((problem) => (
        <Notice key={problem} tone="warn">
          {problem}
        </Notice>
      ))}
      {posts.length > 0 ? (
        <>
          <div role="status" aria-label="Estimate" className="flex flex-col gap-0.5">
            <p className="font-medium">{cost.sentence}</p>
            <p className="text-xs text-muted">{per_day_from}</p>
          </div>
          <Framed>
            <ul aria-label="Posts found">
              {posts.map((post) => (
                <PostRow key={post.id} post={post} />
              ))}
            </ul>
          </Framed>
          <Snippet query={query} />
        </>
      ) : (
        problems.length === 0 && (
          <EmptyState icon="search" title="Nothing found">
            The platform knows no post for this query. Try fewer words, or others.
          </EmptyState>
        )
      )}
    </>
  );
}

function PostRow({ post }: { post: PreviewedPost }) {
  return (
    <li className="flex flex-col gap-1.5 border-b border-line px-4 py-3 last:border-b-0">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-muted">
        <Status value={post.label ?? ""} />
        {post.confidence !== null && <span className="tabular-nums">{formatPercent(post.confidence)} sure</span>}
        <span className="break-all">{post.author || "unknown author"}</span>
        <TimeAgo value={post.created_at} />
        {webAddress(post.url) && (
          <SafeLink url={post.url} className="ml-auto underline">
            Open
          </SafeLink>
        )}
      </p>
      <p dir="auto" className="line-clamp-6 break-words whitespace-pre-wrap">
        {post.text}
      </p>
      {post.reasoning && <p className="text-xs break-words text-soft">{post.reasoning}</p>}
    </li>
  );
}
