import { Outlet, useLocation } from "react-router";
import { useMay, useProject } from "@/api/session";
import { PageHeader } from "@/components/ui/page";
import { EmptyState } from "@/components/ui/states";
import { LinkTabs } from "@/components/ui/tabs";
import { useTitle } from "@/lib/use-title";

const TABS = [
  { key: "members", label: "Members" },
  { key: "keys", label: "API keys" },
  { key: "accounts", label: "Accounts" },
  { key: "queries", label: "Try a query" },
  { key: "do-not-contact", label: "Do not contact" },
  { key: "policies", label: "Policies" },
  { key: "notifications", label: "Notifications" },
  { key: "audit", label: "Audit log" },
];

/** What operators look after. Each tab is an address and a file of its own. */
export function SettingsPage() {
  useTitle("Settings");
  const { slug, name, role } = useProject();
  const isOperator = useMay("operator");
  const current = useLocation().pathname.split("/")[4] ?? "";
  const tabs = TABS.map((tab) => ({ ...tab, to: `/p/${slug}/settings/${tab.key}` }));
  return (
    <>
      <PageHeader title="Settings">
        {isOperator && <LinkTabs label="Settings" current={current} tabs={tabs} className="-mx-1 overflow-x-auto max-sm:order-last max-sm:w-full" />}
      </PageHeader>
      {isOperator ? (
        <Outlet />
      ) : (
        <EmptyState icon="lock" title="Only for operators" className="my-auto">
          You are a {role} in {name}. Its members, keys and accounts are looked after by its operators; ask one of them.
        </EmptyState>
      )}
    </>
  );
}
