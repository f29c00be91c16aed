import { Link, useLocation } from "react-router";
import { useAccounts } from "@/api/list-accounts";
import { useProject } from "@/api/session";
import type { Account } from "@/api/types";
import { platformName } from "@/components/lead/post-view";
import { Notice } from "@/components/ui/states";

const WORDS: Partial<Record<Account["state"], string>> = { refused: "was refused", expired: "has expired" };

/** Which accounts of the project their platforms take no more: one sentence each, until it is mended. */
export function AccountBanner() {
  const { slug } = useProject();
  const { pathname } = useLocation();
  const accounts = useAccounts(slug);
  const page = `/p/${slug}/settings/accounts`;
  const paused = accounts.data?.pages.flatMap((each) => each.results).filter((account) => WORDS[account.state]) ?? [];
  if (paused.length === 0 || pathname === page) return null;
  return (
    <div className="flex shrink-0 flex-col gap-1 border-b border-line p-2">
      {paused.map((account) => (
        <Notice key={account.id} tone="warn">
          The account “{account.label}” at {platformName(account.platform)} {WORDS[account.state]}: its queries pause.{" "}
          <Link to={page} className="font-medium underline underline-offset-2">
            Mend it
          </Link>
        </Notice>
      ))}
    </div>
  );
}
