/** How long a text is by each platform's own count, as the server counts it (`leads/drafting/lengths.py`). */

const LINK_LENGTH = 23;
const LINK = /https?:\/\/[^\s<>"]*[^\s<>".,;:!?)'\]]/gi;
const MENTION = /(?<![\p{L}\p{N}_@/])@([\p{L}\p{N}_]+)@[\p{L}\p{N}_.-]+[\p{L}\p{N}_]/gu;
const EMOJI = /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u;
const PLAIN_SIGN = /^[\u00a9\u00ae\u203c\u2049\u2122\u2139]$/u;
const LIGHT = [
  [0, 4351],
  [8192, 8205],
  [8208, 8223],
  [8242, 8247],
] as const;
const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

const COUNTS: Record<string, (text: string) => number> = { x: onX, mastodon: onMastodon, bluesky: asSeen };

export function lengthOn(platform: string, text: string): number {
  return (COUNTS[platform] ?? countCodePoints)(text);
}

function onX(text: string): number {
  const whole = text.normalize("NFC");
  const links = whole.match(LINK)?.length ?? 0;
  let sum = links * LINK_LENGTH;
  for (const { segment } of segmenter.segment(whole.replace(LINK, ""))) sum += weightOf(segment);
  return sum;
}

function weightOf(character: string): number {
  if (isEmoji(character)) return 2;
  return Array.from(character).reduce((sum, sign) => sum + (isLight(sign.codePointAt(0) ?? 0) ? 1 : 2), 0);
}

function isEmoji(character: string): boolean {
  return EMOJI.test(character) && (character.includes("\ufe0f") || !PLAIN_SIGN.test(character));
}

function isLight(point: number): boolean {
  return LIGHT.some(([low, high]) => low <= point && point <= high);
}

function onMastodon(text: string): number {
  return asSeen(text.replace(LINK, "x".repeat(LINK_LENGTH)).replace(MENTION, "@$1"));
}

function asSeen(text: string): number {
  return Array.from(segmenter.segment(text)).length;
}

function countCodePoints(text: string): number {
  return Array.from(text).length;
}
