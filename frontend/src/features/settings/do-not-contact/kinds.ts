import type { NewSuppression } from "@/api/types";

export type Kind = NewSuppression["kind"];

interface KindText {
  label: string;
  hint: string;
  placeholder: string;
}

/** What can be put on the list, and what each means. */
export const KINDS: Record<Kind, KindText> = {
  handle: { label: "Handle", hint: "Kept as a keyed digest alone: nobody can read it here again", placeholder: "@somebody" },
  account: { label: "Account id", hint: "The platform’s own id, which stays when a handle changes", placeholder: "did:plc:…" },
  domain: { label: "Domain", hint: "Of a link in the author’s bio, with all that is under it", placeholder: "example.org" },
  pattern: { label: "Pattern", hint: "Of handles: * is any characters, ? is one", placeholder: "acme_*" },
};

export const namesAPerson = (kind: Kind) => kind === "handle" || kind === "account";
