import type { Account } from "@/api/types";
import { platformName } from "@/components/lead/post-view";

/** Labels are often alike: what is to be done to an account is said with its platform. */
export function accountName(account: Pick<Account, "label" | "platform">): string {
  return `${account.label} at ${platformName(account.platform)}`;
}
