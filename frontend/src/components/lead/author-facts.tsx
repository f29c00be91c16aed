import type { Author } from "@/api/types";
import { SectionTitle } from "@/components/ui/page";
import { formatAge, formatCompact, formatDateTime, UNKNOWN } from "@/lib/format";

export function AuthorFacts({ author }: { author: Author }) {
  if (!author) return null;
  const verified = author.verified === null ? UNKNOWN : author.verified ? "Yes" : "No";
  return (
    <section aria-label="Author">
      <SectionTitle>Author</SectionTitle>
      {author.bio && (
        <p dir="auto" className="mb-2 break-words text-soft">
          {author.bio}
        </p>
      )}
      <dl className="grid grid-cols-3 gap-3">
        <Fact label="Followers">{formatCompact(author.followers)}</Fact>
        <Fact label="Verified">{verified}</Fact>
        <Fact label="Account age">
          <span title={formatDateTime(author.account_created_at)}>{formatAge(author.account_created_at)}</span>
        </Fact>
      </dl>
    </section>
  );
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <dt className="text-xs text-muted">{label}</dt>
      <dd className="font-medium tabular-nums">{children}</dd>
    </div>
  );
}
