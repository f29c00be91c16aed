import { usePolicies } from "@/api/list-policies";
import type { PlatformPolicy } from "@/api/types";
import { platformName } from "@/components/lead/post-view";
import { RuleSource } from "@/components/lead/rule-source";
import { ErrorState } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { Framed, ListSkeleton, SettingsSection } from "../section";

type Rule = PlatformPolicy["rules"][number];

const CELL = "border-t border-line px-4 py-2.5 text-left align-top font-normal";
const COLUMNS = ["Platform", "Account", "The author", "Reply", "Rule"];

export function PoliciesTab() {
  const policies = usePolicies();
  return (
    <SettingsSection
      title="Policies"
      about="What each platform allows, with the day on which each rule was read. Where there is no rule, nothing is sent."
    >
      {policies.isPending ? (
        <ListSkeleton what="policies" rows={8} />
      ) : policies.isError ? (
        <ErrorState error={policies.error} what="the policies" onRetry={() => void policies.refetch()} />
      ) : (
        <Framed>
          <div className="overflow-x-auto">
            <table aria-label="Policies" className="w-full min-w-160 border-collapse">
              <thead>
                <tr className="h-9 text-xs text-muted">
                  {COLUMNS.map((name) => (
                    <th key={name} scope="col" className="px-4 text-left font-normal">
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              {policies.data.map((policy) => (
                <PolicyRows key={policy.platform} policy={policy} />
              ))}
            </table>
          </div>
        </Framed>
      )}
    </SettingsSection>
  );
}

function PolicyRows({ policy: { platform, rules, content, messages } }: { policy: PlatformPolicy }) {
  const hasTiers = new Set(rules.map((rule) => rule.tier)).size > 1;
  const rows = Math.max(rules.length, 1) + (messages ? 1 : 0) + (content ? 1 : 0);
  const name = (
    <th scope="rowgroup" rowSpan={rows} className={`${CELL} font-medium whitespace-nowrap`}>
      {platformName(platform)}
    </th>
  );
  return (
    <tbody>
      {rules.length === 0 && (
        <tr>
          {name}
          <td className={CELL} colSpan={2} />
          <td className={CELL}>
            <Status value="blocked" />
          </td>
          <td className={`${CELL} text-muted`}>No rule is known, so nothing is sent there.</td>
        </tr>
      )}
      {rules.map((rule, index) => (
        <tr key={rule.rule}>
          {index === 0 && name}
          <td className={`${CELL} whitespace-nowrap text-soft`}>{hasTiers ? rule.tier : "any"}</td>
          <td className={`${CELL} text-soft`}>{authorIn(rule)}</td>
          <td className={CELL}>
            <Status value={rule.mode} />
          </td>
          <td className={`${CELL} min-w-64 text-soft`}>
            {rule.rule} <RuleSource source={rule.source} readOn={rule.read_on} />
          </td>
        </tr>
      ))}
      {messages && (
        <tr>
          <td className={`${CELL} text-soft`} colSpan={2}>
            Wrote first: a direct message
          </td>
          <td className={`${CELL} text-xs text-soft`}>A person sends it</td>
          <td className={`${CELL} min-w-64 text-soft`}>
            {messages.rule} <RuleSource source={messages.source} readOn={messages.read_on} />
          </td>
        </tr>
      )}
      {content && (
        <tr>
          <td className={`${CELL} text-soft`} colSpan={2}>
            Its posts
          </td>
          <td className={`${CELL} text-xs text-soft`}>
            {TRAINING[content.training]}
            {content.deleted_within_hours !== null && `; deleted ones go within ${content.deleted_within_hours} hours`}
          </td>
          <td className={`${CELL} min-w-64 text-soft`}>
            {content.rule} <RuleSource source={content.source} readOn={content.read_on} />
          </td>
        </tr>
      )}
    </tbody>
  );
}

const TRAINING: Record<NonNullable<PlatformPolicy["content"]>["training"], string> = {
  permitted: "May train models",
  forbidden: "Must not train models",
  unknown: "Not known whether they may train models",
};

/** To whom a rule applies. */
function authorIn({ relations }: Rule): string {
  const [none, mentioned, quoted] = (["none", "mentioned_us", "quoted_us"] as const).map((relation) => relations.includes(relation));
  if (none && mentioned && quoted) return "anybody";
  if (none) return mentioned ? "did not quote the account" : quoted ? "did not mention the account" : "neither mentioned nor quoted the account";
  return [mentioned && "mentioned", quoted && "quoted"].filter(Boolean).join(" or ") + " the account";
}
