import { webAddress } from "@/components/ui/safe-link";

export function openPost(url: string): void {
  const address = webAddress(url);
  if (address) window.open(address, "_blank", "noopener,noreferrer");
}
