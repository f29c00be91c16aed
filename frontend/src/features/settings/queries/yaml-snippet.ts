/** A query as it stands in project.yaml, under `queries:`. JSON strings are YAML strings, whatever they hold. */
export function yamlSnippet({ platform, text }: { platform: string; text: string }): string {
  return [`- text: ${quoted(text)}`, `  label: ${quoted(labelOf(text))}`, `  platform: ${quoted(platform)}`].join("\n");
}

/** A first name for it; the operator gives a better one. */
export function labelOf(text: string): string {
  const words = text.replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  return Array.from(words).slice(0, 40).join("").trim() || "query";
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
