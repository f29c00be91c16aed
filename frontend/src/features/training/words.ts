import type { ExportWish } from "@/api/start-export";
import type { PreferencePair } from "@/api/types";

export const SOURCES: Record<PreferencePair["source"], string> = {
  edit: "Edited draft",
  reject: "Rejected draft",
  manual: "Added by hand",
};

/** Of the platform's terms; a platform that permits it, or of which nothing is known, needs no word at each pair. */
export const LICENCES: Record<PreferencePair["licence"], string> = {
  permitted: "",
  forbidden: "Its terms forbid training: left out of exports",
  unknown: "Its terms on training are not recorded",
};

export const FORMATS: Record<NonNullable<ExportWish["format"]>, string> = {
  trl: "TRL",
  "trl-conversational": "TRL, conversational",
  "openai-preference": "OpenAI preference",
};

export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  const power = bytes === 0 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  const value = bytes / 1000 ** power;
  return `${value.toFixed(power > 0 && value < 10 ? 1 : 0)} ${units[power] ?? ""}`;
}
