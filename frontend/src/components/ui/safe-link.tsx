import type { ReactNode } from "react";

/** Only web addresses are links: a post can name any address, `javascript:` among them. */
export function webAddress(url: string | null | undefined): string | null {
  if (!url) return null;
  try {
    const parsed = new URL(url);
    return parsed.protocol === "https:" || parsed.protocol === "http:" ? parsed.href : null;
  } catch {
    return null;
  }
}

export function SafeLink({ url, className, children }: { url: string; className?: string; children: ReactNode }) {
  const address = webAddress(url);
  if (!address) return <span className={className}>{children}</span>;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer nofollow" referrerPolicy="no-referrer" className={className}>
      {children}
    </a>
  );
}
